import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "ServerAliveInterval ends ssh at home alone: the server's port stays open until ClientAliveInterval notices, too",
    ja: "ServerAliveInterval が終わらせるのは自宅の ssh だけ。サーバーのポートは ClientAliveInterval も気づくまで開いたまま",
  },
  question: {
    en: "The line is cut. ssh at home has ServerAliveInterval and gives up. Is the server's port closed?",
    ja: "回線が切れた。ServerAliveInterval を持つ自宅の ssh は諦める。サーバーのポートは閉じるか。",
  },
  predict: {
    en: "Which of the three ends: ssh with it, ssh without it, the port? And with ClientAliveInterval on the server?",
    ja: "終わるのはどれか。それがある ssh、ない ssh、ポート。サーバーに ClientAliveInterval があればどうか。",
  },
  commands: [
    "home$ ssh -N -o ServerAliveInterval=1 -o ServerAliveCountMax=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -N -o ServerAliveInterval=1 -o ServerAliveCountMax=1 -R 43235:localhost:80 bob@server",
    "home$ ssh -N -R 43236:localhost:80 bob@server",
    "server$ ss -ltn",
  ],
  seen: {
    en: "Both with it end: 255, `Timeout, server server not responding.` The one without runs on. On the server only alice's port closes.",
    ja: "それがある二つは 255 と `Timeout, server server not responding.` で終わる。ない一つは動き続ける。サーバーで閉じるのは alice のポートだけ。",
  },
  why: {
    en: "Each side asks for itself, and its farewell does not get through a cut line. By default neither side asks.",
    ja: "両側はそれぞれ自分のために尋ね、別れの挨拶は切れた回線を通らない。既定ではどちらも尋ねない。",
  },
});

test("each side notices with its own setting alone", async ({ lab }) => {
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
