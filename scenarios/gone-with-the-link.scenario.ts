import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "The port lasts as long as the connection: when ssh at home dies, the server's port closes",
    ja: "ポートが開いているのは接続がある間だけ。自宅の ssh が終了すると、サーバーのポートも閉じる",
  },
  question: {
    en: "ssh at home is killed. What happens to the server's port?",
    ja: "自宅の ssh を強制終了します。サーバーのポートはどうなりますか。",
  },
  predict: {
    en: "Does it stay open, accept and hang, or refuse?",
    ja: "開いたままですか、接続を受け付けて応答しなくなりますか、接続を拒否しますか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "home$ kill -9 %1", "other-lan$ xfreerdp /v:server:43234"],
  seen: {
    en: "It refuses at once, from everywhere; a new ssh gets the same port again.",
    ja: "どこからの接続も、すぐに拒否されます。新しい ssh は同じポートを取得できます。",
  },
  why: {
    en: "The listener belongs to the session's own sshd process, which ends with the connection.",
    ja: "待ち受けているのはそのセッションの sshd プロセスで、接続が終わるとプロセスも終了します。",
  },
});

test("the port closes with ssh, and comes back with it", async ({ lab }) => {
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
