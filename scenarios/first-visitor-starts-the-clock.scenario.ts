import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Without ClientAliveInterval a dead forward stays for good, unless somebody visits it: then the server's kernel gives up in time",
    ja: "ClientAliveInterval がなければ、死んだ転送はいつまでも残る。ただし誰かが訪れれば、サーバーのカーネルがやがて諦める",
  },
  question: {
    en: "Home's line is cut, and the server asks nobody. One port has a visitor, the other has none. Which closes?",
    ja: "自宅の回線が切れ、サーバーは誰にも尋ねない。一方のポートには訪問者がいて、他方にはいない。閉じるのはどちらか。",
  },
  predict: {
    en: "And after how long, with net.ipv4.tcp_retries2 at 15, the default, and at 3?",
    ja: "net.ipv4.tcp_retries2 が既定の 15 のときと 3 のとき、それぞれどれだけ後か。",
  },
  commands: [
    "server# sysctl net.ipv4.tcp_retries2=3",
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ ss -tno sport = :22",
  ],
  seen: {
    en: "The visited one: after a quarter of an hour by default, after seconds with 3. The other stays.",
    ja: "訪問者のいたほう。既定では約 15 分、3 なら数秒の後。もう一方は残る。",
  },
  why: {
    en: "A visitor makes sshd send, and TCP counts what is not acknowledged. Where nothing is sent nothing is missed.",
    ja: "訪問者が来ると sshd は送信し、TCP は確認されない分を数える。何も送らなければ、何も欠けない。",
  },
});

test("the visited port closes, the other does not", async ({ lab }) => {
  const before = await lab.server.run(["cat", "/proc/sys/net/ipv4/tcp_retries2"]);
  expect(before.stdout.trim()).toBe("15");
  await lab.server.set({ "net.ipv4.tcp_retries2": 3 });
  await lab.use({ accounts: { alice: {}, bob: {} } });
  await using _alice = await lab.home.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using _bob = await lab.home.ssh("-R", "43235:localhost:80", { as: "bob" });
  // What is still on its way when the line is cut would be missed, too.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await using _cut = await lab.cut("home");
  const visitor = await lab.server.start(["curl", "-sS", "http://localhost:43234/"]);

  const reset = 56;
  expect(await visitor.exited).toMatchObject({ code: reset });
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toHaveLength(2);
});
