import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "The port is there as long as the link is: when ssh at home dies, the server's port closes",
    ja: "ポートは接続がある間だけある。自宅の ssh が死ぬと、サーバーのポートも閉じる",
  },
  question: {
    en: "ssh at home is killed. What does the server's port do?",
    ja: "自宅の ssh を強制終了する。サーバーのポートはどうなるか。",
  },
  predict: { en: "Does it stay open, answer and hang, or refuse?", ja: "開いたままか、応答して固まるか、拒否するか。" },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "home$ kill -9 %1", "other-lan$ xfreerdp /v:server:43234"],
  seen: {
    en: "Refused at once, from everywhere; a new ssh gets the same port back.",
    ja: "どこからもすぐに拒否される。新しい ssh は同じポートを取り戻す。",
  },
  why: {
    en: "The listener belongs to the session's own sshd process, which ends when the connection does.",
    ja: "待ち受けはそのセッションの sshd プロセスのもので、接続が終わるとプロセスも終わる。",
  },
});

test("the port goes with ssh, and comes back with it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);

  await forward.kill();

  expect(forward.listeners).toEqual([]);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.otherLan).toSee(forward, "refused", { by: "client" });
  await expect(lab.server).toSee(forward, "refused");

  await using again = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(again);
});
