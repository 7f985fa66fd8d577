import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A supervisor restarts only what has exited: without ExitOnForwardFailure, ssh runs on without its tunnel",
    ja: "監視ツールが再起動するのは終了したプロセスだけ。ExitOnForwardFailure がなければ、ssh はトンネルのないまま動き続ける",
  },
  question: {
    en: "The line was down for a while. Two ssh processes under a supervisor reconnect before the server has dropped the old sessions. Which forwards come back?",
    ja: "回線がしばらく切れていました。監視ツールの下の 2 つの ssh は、サーバーで古いセッションが終わる前に再接続します。どちらの転送が復旧しますか。",
  },
  predict: {
    en: "alice's ssh has ExitOnForwardFailure=yes, bob's does not. What does the supervisor report for each?",
    ja: "alice の ssh には ExitOnForwardFailure=yes があり、bob の ssh にはありません。監視ツールは、それぞれの状態をどう報告しますか。",
  },
  commands: [
    "home# grep ssh /etc/service/*/run",
    "home# sv status /etc/service/alice /etc/service/bob",
    "server# pkill -o -u alice; pkill -o -u bob",
    "server# ss -ltn",
  ],
  seen: {
    en: "`run` for both. alice's ssh is restarted until the port is free, and her forward comes back. bob's stays up, and nothing listens.",
    ja: "どちらも `run` です。alice の ssh はポートが空くまで何度も再起動され、転送が復旧します。bob の ssh は動いたままですが、何も待ち受けません。",
  },
  why: {
    en: "To ssh, a refused forward is just a warning, and a supervisor sees only that the process runs. ExitOnForwardFailure makes ssh exit instead.",
    ja: "転送が拒否されても、ssh は警告を出すだけで、監視ツールに見えるのはプロセスが動いていることだけです。ExitOnForwardFailure があれば、ssh は終了します。",
  },
});

const test = labTest({ images: { home: "forwardlab/supervised" }, accounts: { alice: {}, bob: {} } });

/** A usual service for a tunnel, without the setting under test. */
const run = (rest: string) => `#!/bin/sh
exec 2>&1
exec ssh -4N -o ConnectTimeout=1 -o ServerAliveInterval=1 -o ServerAliveCountMax=2 ${rest}
`;

test("runit: both run, one forwards", async ({ lab }) => {
  await lab.home.equip();
  await lab.home.serve(80);
  // The outage outlasts both sides' attempts to close: home's kernel gives up, and the router forgets where the server's packets belong.
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

test("autossh: the same, even after the port is free again", async ({ lab }) => {
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
