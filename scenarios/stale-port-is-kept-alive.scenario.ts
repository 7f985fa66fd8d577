import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "Whoever keeps knocking at a dead forward keeps it: ClientAliveInterval counts only while nothing happens",
    ja: "死んだ転送を叩き続ける者が、それを生かし続ける。ClientAliveInterval が数えるのは、何も起きない間だけ",
  },
  question: {
    en: "Home's line is cut. A monitor knocks at alice's port five times a second, nobody at bob's. Whose port closes?",
    ja: "自宅の回線が切れた。監視が alice のポートを毎秒 5 回叩き、bob のポートは誰も叩かない。閉じるのは誰のポートか。",
  },
  predict: {
    en: "alice's session is to end after 2 s of silence, bob's after 4 s. Whose ends first?",
    ja: "alice は 2 秒、bob は 4 秒の沈黙で終わるはず。先に終わるのはどちらか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ while sleep 0.2; do nc -z localhost 43234; done",
    "server$ ss -ltn",
  ],
  seen: {
    en: "bob's. alice's stays, although she was to go first, until the knocking ends.",
    ja: "bob のポート。先に閉じるはずの alice のポートは、叩くのが止むまで残る。",
  },
  why: {
    en: "sshd asks the client after a whole interval without any event, and a new visitor is an event. So monitors and scanners keep the port from the ssh that comes back, for up to a quarter of an hour. (Measured: 8.4 is not deceived and ends both.)",
    ja: "sshd がクライアントに尋ねるのは、何の出来事もない間隔の後で、新しい訪問者も出来事になる。監視やスキャナーは、戻ってきた ssh からポートを最長で約 15 分も遠ざける。(測定: 8.4 は惑わされず、両方を終わらせる)",
  },
});

test("the port that is knocked at outlives the other", async ({ lab }) => {
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
