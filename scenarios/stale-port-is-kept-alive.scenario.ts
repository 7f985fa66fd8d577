import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "Whoever keeps connecting to a dead forward keeps it open: ClientAliveInterval counts only while nothing happens",
    ja: "切れた転送に接続し続けると、その転送は開いたまま残る。ClientAliveInterval は、何も起きていない間しか数えない",
  },
  question: {
    en: "Home's line is cut. A monitor connects to alice's port five times a second, nobody to bob's. Whose port closes?",
    ja: "自宅の回線が切れました。監視ツールが alice のポートに毎秒 5 回接続し、bob のポートには誰も接続しません。閉じるのは誰のポートですか。",
  },
  predict: {
    en: "alice's session should end after 2 s of silence, bob's after 4 s. Which ends first?",
    ja: "応答がなければ、alice のセッションは 2 秒、bob のセッションは 4 秒で終わるはずです。先に終わるのはどちらですか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ while sleep 0.2; do nc -z localhost 43234; done",
    "server$ ss -ltn",
  ],
  seen: {
    en: "bob's. alice's should have closed first, but stays open until the monitor stops.",
    ja: "bob のポートです。先に閉じるはずの alice のポートは、監視ツールが止まるまで残ります。",
  },
  why: {
    en: "sshd probes the client only after an interval without any event, and a new visitor is an event. So monitors and scanners can keep the port from a reconnecting ssh, for up to a quarter of an hour. (Measured: 8.4 is not affected and ends both.)",
    ja: "sshd がクライアントに確認を送るのは、何も起きずに間隔が過ぎたときだけで、新しい接続も「起きたこと」に数えられます。監視ツールやスキャナーがあると、再接続した ssh は、最長で約 15 分間ポートを取れません。（測定では、8.4 は影響を受けず、両方を終了させる）",
  },
});

test("the port that the monitor connects to outlives the other", async ({ lab }) => {
  await lab.use({
    sshd: "ClientAliveInterval 1\nMatch User alice\n  ClientAliveCountMax 1\nMatch User bob\n  ClientAliveCountMax 3\n",
    accounts: { alice: {}, bob: {} },
  });
  await using _alice = await lab.home.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using _bob = await lab.home.ssh("-R", "43235:localhost:80", { as: "bob" });
  await using _cut = await lab.cut("home");
  const monitor = await lab.server.start(["sh", "-c", "while sleep 0.2; do nc -zv 127.0.0.1 43234; done"], { says: /succeeded/ });

  await expect.poll(() => lab.server.listeners(43235), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43234)).toHaveLength(2);

  await monitor.kill();
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
});
