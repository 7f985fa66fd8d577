import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "ServerAliveInterval ends only ssh at home: the server's port stays open until ClientAliveInterval notices too",
    ja: "ServerAliveInterval で終了するのは自宅の ssh だけ。サーバーのポートは、ClientAliveInterval が検知するまで開いたまま",
  },
  question: {
    en: "The line is cut. ssh at home has ServerAliveInterval and gives up. Does the server's port close?",
    ja: "回線が切れ、ServerAliveInterval を設定した自宅の ssh は諦めて終了します。サーバーのポートは閉じますか。",
  },
  predict: {
    en: "Which of these end: ssh with it, ssh without it, the server's port? And with ClientAliveInterval on the server?",
    ja: "設定した ssh、設定していない ssh、サーバーのポートのうち、終了するのはどれですか。サーバーに ClientAliveInterval があるとどうなりますか。",
  },
  commands: [
    "home$ ssh -N -o ServerAliveInterval=1 -o ServerAliveCountMax=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -N -o ServerAliveInterval=1 -o ServerAliveCountMax=1 -R 43235:localhost:80 bob@server",
    "home$ ssh -N -R 43236:localhost:80 bob@server",
    "server$ ss -ltn",
  ],
  seen: {
    en: "Both ssh processes with it end with 255 and `Timeout, server server not responding.` The one without keeps running. On the server only alice's port closes.",
    ja: "設定した 2 つの ssh は、255 と `Timeout, server server not responding.` で終了します。設定していない ssh は動き続けます。サーバーで閉じるのは alice のポートだけです。",
  },
  why: {
    en: "Each side checks only for itself and cannot say goodbye over a dead line. By default neither side checks.",
    ja: "確認は双方が別々に行い、切れた回線では終了を相手に伝えられません。既定では、どちらも確認しません。",
  },
});

test("each side notices only with its own setting", async ({ lab }) => {
  await lab.use({
    sshd: "Match User alice\n  ClientAliveInterval 1\n  ClientAliveCountMax 1\n",
    accounts: { alice: {}, bob: {} },
  });
  await lab.home.equip();
  const asking = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"];
  const alice = await lab.home.start(["ssh", "-N", ...asking, "-R", "43234:localhost:80", "alice@server"]);
  const bob = await lab.home.start(["ssh", "-N", ...asking, "-R", "43235:localhost:80", "bob@server"]);
  await lab.home.start(["ssh", "-N", "-R", "43236:localhost:80", "bob@server"]);
  const open = async () => {
    const all = await Promise.all([43234, 43235, 43236].map((port) => lab.server.listeners(port)));
    return all.map(({ length }) => length > 0);
  };
  await expect.poll(open, { interval: 50, timeout: 30_000 }).toEqual([true, true, true]);

  await using _cut = await lab.cut("home");

  for (const ssh of [alice, bob]) {
    expect(await ssh.exited).toMatchObject({ code: 255 });
    expect(ssh.lines.at(-1)?.text).toBe("Timeout, server server not responding.");
  }
  await expect.poll(open, { interval: 50, timeout: 30_000 }).toEqual([false, true, true]);
  expect(await lab.home.run(["pgrep", "-f", "43236:localhost:80"])).toMatchObject({ code: 0 });
});
