import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "When home falls silent the server's port stays, until ClientAliveInterval notices; a new ssh is refused meanwhile",
    ja: "自宅が黙っても、ClientAliveInterval が気づくまでサーバーのポートは残る。その間、新しい ssh は拒否される",
  },
  question: {
    en: "Home's line goes dead without a word. When does the server's port close?",
    ja: "自宅の回線が、何も告げずに死ぬ。サーバーのポートはいつ閉じるか。",
  },
  predict: {
    en: "For alice with ClientAliveInterval 1, and for bob with the default? What does bob's next ssh get?",
    ja: "ClientAliveInterval 1 の alice と、既定のままの bob。bob の次の ssh はどうなるか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 bob@server", "home$ kill -STOP %1", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "alice's port closes within seconds and is free again. bob's stands, and his new ssh cannot have it.",
    ja: "alice のポートは数秒で閉じ、また空く。bob のポートは残り、bob の新しい ssh は得られない。",
  },
  why: {
    en: "TCP does not notice silence. With ClientAliveInterval sshd asks the client, and ends the session when ClientAliveCountMax questions stay unanswered.",
    ja: "TCP は沈黙に気づかない。ClientAliveInterval があると sshd はクライアントに尋ね、ClientAliveCountMax 回答えがなければセッションを終える。",
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
