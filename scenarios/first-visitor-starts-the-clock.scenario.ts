import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Without ClientAliveInterval a dead forward stays open, unless a visitor connects and makes the kernel give up",
    ja: "ClientAliveInterval がなければ、切れた転送は開いたまま残る。誰かが接続すれば、やがてカーネルが諦める",
  },
  question: {
    en: "Home's line is cut, and the server sends no probes. One port gets a visitor, the other none. Which one closes?",
    ja: "自宅の回線が切れましたが、サーバーは確認を送りません。一方のポートには接続があり、もう一方にはありません。閉じるのはどちらですか。",
  },
  predict: {
    en: "And after how long, with net.ipv4.tcp_retries2 at the default of 15, and at 3?",
    ja: "net.ipv4.tcp_retries2 が既定の 15 のときと 3 のとき、どのくらいで閉じますか。",
  },
  commands: [
    "server# sysctl net.ipv4.tcp_retries2=3",
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ ss -tno sport = :22",
  ],
  seen: {
    en: "The visited one: after about a quarter of an hour by default, within seconds with 3. The other stays.",
    ja: "接続のあったほうです。既定では約 15 分後、3 なら数秒後に閉じます。もう一方は残ります。",
  },
  why: {
    en: "A visitor makes sshd send data, and TCP counts retransmissions until it gives up. Without data there is nothing to miss: only TCP keepalive is left, after two hours.",
    ja: "接続があると sshd はデータを送り、TCP は再送を数えて、やがて諦めます。データを送らなければ、未達にも気付きません。残るのは、2 時間後の TCP キープアライブだけです。",
  },
});

test("the visited port closes, the other does not", async ({ lab }) => {
  const before = await lab.server.run(["cat", "/proc/sys/net/ipv4/tcp_retries2"]);
  expect(before.stdout.trim()).toBe("15");
  await lab.server.set({ "net.ipv4.tcp_retries2": 3 });
  await lab.use({ accounts: { alice: {}, bob: {} } });
  await using _alice = await lab.home.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using _bob = await lab.home.ssh("-R", "43235:localhost:80", { as: "bob" });
  // Data in flight when the line is cut would be retransmitted too.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await using _cut = await lab.cut("home");
  const visitor = await lab.server.start(["curl", "-sS", "http://localhost:43234/"]);

  const reset = 56;
  expect(await visitor.exited).toMatchObject({ code: reset });
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toHaveLength(2);
});
