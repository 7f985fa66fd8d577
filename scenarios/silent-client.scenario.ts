import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "When home goes silent, the server's port stays taken until ClientAliveInterval notices",
    ja: "自宅が応答しなくなっても、ClientAliveInterval が検知するまで、サーバーのポートは使用中のまま",
  },
  question: {
    en: "The client at home stops responding without closing the connection. When does the server's port close?",
    ja: "自宅のクライアントが、接続を閉じないまま応答しなくなりました。サーバーのポートはいつ閉じますか。",
  },
  predict: {
    en: "For alice with ClientAliveInterval 1? For bob with the default? What does bob's next ssh get?",
    ja: "ClientAliveInterval 1 の alice と、既定のままの bob では、それぞれどうなりますか。bob の次の ssh はどうですか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 bob@server", "home$ kill -STOP %1", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "alice's port closes within seconds and is free again. bob's stays open, and his new ssh cannot get it.",
    ja: "alice のポートは数秒で閉じ、再び使えるようになります。bob のポートは開いたままで、bob の新しい ssh は取得できません。",
  },
  why: {
    en: "An idle TCP connection notices nothing. With ClientAliveInterval, sshd probes the client and ends the session when ClientAliveCountMax probes go unanswered.",
    ja: "通信のない TCP 接続は、異常を検知しません。ClientAliveInterval があると、sshd はクライアントへ確認を送り、ClientAliveCountMax 回応答がなければセッションを終了します。",
  },
});

test("alice's port closes by itself, bob's does not", async ({ lab }) => {
  await lab.use({
    sshd: "Match User alice\n  ClientAliveInterval 1\n  ClientAliveCountMax 1\n",
    accounts: { alice: {}, bob: {} },
  });
  await using alice = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await using bob = await lab.home.ssh("-R", "43235:localhost:3389", { as: "bob" });
  await expect(lab.server).toReach(alice);
  await expect(lab.server).toReach(bob);

  await Promise.all([alice.signal("SIGSTOP"), bob.signal("SIGSTOP")]);

  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toEqual(["127.0.0.1:43235", "[::1]:43235"]);

  await using bobAgain = await lab.home.ssh("-R", "43235:localhost:3389", { as: "bob" });
  expect(bobAgain.outcome).toMatchObject({ granted: false, refusedBy: { text: expect.stringContaining("Address already in use") } });
  await using aliceAgain = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(aliceAgain);
});
