import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A supervisor restarts what has ended: without ExitOnForwardFailure an ssh that came back too early runs on without its tunnel",
    ja: "監視役が再起動するのは終わったものだけ。ExitOnForwardFailure がなければ、早く戻りすぎた ssh はトンネルのないまま動き続ける",
  },
  question: {
    en: "The line was cut for a while. Both ssh under a supervisor are back before the server has dropped the old sessions. Which forwards return?",
    ja: "回線がしばらく切れていた。監視役の下の二つの ssh は、サーバーが古いセッションを捨てる前に戻る。どちらの転送が戻るか。",
  },
  predict: {
    en: "alice's ssh has ExitOnForwardFailure=yes, bob's has not. What does the supervisor report of each?",
    ja: "alice の ssh には ExitOnForwardFailure=yes があり、bob の ssh にはない。監視役はそれぞれ何と報告するか。",
  },
  commands: [
    "home# grep ssh /etc/service/*/run",
    "home# sv status /etc/service/alice /etc/service/bob",
    "server# pkill -o -u alice; pkill -o -u bob",
    "server# ss -ltn",
  ],
  seen: {
    en: "`run` for both. alice's ssh is started again and again until the port is free, and her forward is back. bob's stays up, and nothing listens.",
    ja: "どちらも `run`。alice の ssh はポートが空くまで何度も起動され、転送が戻る。bob の ssh は動いたままで、何も待ち受けない。",
  },
  why: {
    en: "A refused forward is a warning to ssh, and a process that runs is all that a supervisor sees. ExitOnForwardFailure turns the warning into an end.",
    ja: "拒否された転送は ssh には警告でしかなく、監視役に見えるのはプロセスが動いていることだけ。ExitOnForwardFailure は警告を終了に変える。",
  },
});

const test = labTest({ images: { home: "forwardlab/supervised" }, accounts: { alice: {}, bob: {} } });

/** What keeps a tunnel up, but for the setting that is the claim. */
const run = (rest: string) => `#!/bin/sh
exec 2>&1
exec ssh -4N -o ConnectTimeout=1 -o ServerAliveInterval=1 -o ServerAliveCountMax=2 ${rest}
`;

test("runit: both run, one forwards", async ({ lab }) => {
  await lab.home.equip();
  await lab.home.serve(80);
  // The outage outlasts the farewells of both sides: home's kernel gives up its own, the router forgets whose the server's are.
  await lab.home.set({ "net.ipv4.tcp_orphan_retries": 1 });
  await lab.home.write({
    "/etc/service/alice/run": run("-o ExitOnForwardFailure=yes -R 43234:localhost:80 alice@server"),
    "/etc/service/bob/run": run("-R 43235:localhost:80 bob@server"),
  });
  await lab.home.run(["chmod", "+x", "/etc/service/alice/run", "/etc/service/bob/run"]);
  const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => lab.home.start(["runsv", `/etc/service/${name}`])));
  const open = async () => Promise.all([43234, 43235].map(async (port) => (await lab.server.listeners(port)).length > 0));
  await expect.poll(open, { interval: 50, timeout: 20_000 }).toEqual([true, true]);

  {
    await using _cut = await lab.cut("home");
    for (const ssh of [alice, bob]) await ssh?.waitForLine((text) => /not responding/.test(text) || undefined);
    const orphans = async () => (await lab.home.run(["ss", "-Htan", "state", "fin-wait-1"])).stdout;
    await expect.poll(orphans, { interval: 50, timeout: 20_000 }).toBe("");
    await lab.router("home-router").run(["conntrack", "-F"]);
  }
  await alice?.waitForLine((text) => text.startsWith("Error: remote port forwarding failed") || undefined);
  await bob?.waitForLine((text) => text.startsWith("Warning: remote port forwarding failed") || undefined);

  for (const account of ["alice", "bob"]) await lab.server.run(["pkill", "-o", "-u", account]);
  await expect.poll(open, { interval: 50, timeout: 20_000 }).toEqual([true, false]);

  expect(await lab.server.run(["curl", "-sS", "http://localhost:43234/"])).toMatchObject({ code: 0 });
  const status = await lab.home.run(["sv", "status", "/etc/service/alice", "/etc/service/bob"]);
  expect(status.stdout).toMatch(/^run: \/etc\/service\/alice.*\nrun: \/etc\/service\/bob/);
});

test("autossh: the same, also after the port has been set free", async ({ lab }) => {
  await lab.home.equip();
  await using one = await lab.otherLan.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using other = await lab.otherLan.ssh("-R", "43235:localhost:80", { as: "bob" });
  const autossh = ["autossh", "-M", "0", "-N"];
  const env = { AUTOSSH_GATETIME: "0" };
  const lax = await lab.home.start([...autossh, "-R", "43235:localhost:80", "bob@server"], { env, says: /^Warning: remote port/ });
  const strict = [...autossh, "-o", "ExitOnForwardFailure=yes", "-R", "43234:localhost:80", "alice@server"];
  await lab.home.start(strict, { env, says: /^Error: remote port/ });

  await Promise.all([one.kill(), other.kill()]);

  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toHaveLength(2);
  expect(await lab.server.listeners(43235)).toEqual([]);
  expect(await lab.home.run(["pgrep", "-f", "^/usr/bin/ssh .*43235:localhost:80"])).toMatchObject({ code: 0 });
  expect(lax.lines).toHaveLength(1);
});
