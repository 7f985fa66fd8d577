import { once } from "node:events";
import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "ChannelTimeout closes an idle visitor of the forward, not the forward; each kind of forward has its own",
    ja: "ChannelTimeout が閉じるのは転送の暇な訪問者で、転送そのものではない。転送の種類ごとに別の設定",
  },
  question: {
    en: "The server has ChannelTimeout forwarded-tcpip=1s. A visitor of -R falls idle. What ends?",
    ja: "サーバーに ChannelTimeout forwarded-tcpip=1s がある。-R の訪問者が暇になる。何が終わるか。",
  },
  predict: {
    en: "The visitor's connection, the listener, the session? And with direct-tcpip=1s in its place?",
    ja: "訪問者の接続か、待ち受けか、セッションか。代わりに direct-tcpip=1s ならどうか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ nc localhost 43234"],
  seen: {
    en: "The visitor is cut off, and the next one is served. direct-tcpip cuts off a visitor of -L and leaves that of -R alone.",
    ja: "訪問者は切られ、次の訪問者には応答する。direct-tcpip は -L の訪問者を切り、-R の訪問者には触れない。",
  },
  why: {
    en: "Each visitor is a channel of its own: forwarded-tcpip for -R, direct-tcpip for -L and -D. A listener is no idle channel.",
    ja: "訪問者は一人ずつ別のチャネル。-R では forwarded-tcpip、-L と -D では direct-tcpip。待ち受けは暇なチャネルとみなされない。",
  },
});

test("the idle visitor is cut off, the forward stays", async ({ lab, onTestFinished }) => {
  await lab.use({ sshd: "ChannelTimeout forwarded-tcpip=1s\n" });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  const visitor = await lab.forwardLab.lab.host("server").dial("127.0.0.1", 43234);
  onTestFinished(() => void visitor.destroy());
  visitor.write("x");

  await once(visitor.resume(), "end");

  await expect(lab.server).toReach(forward);
});

test("control: direct-tcpip is about -L", async ({ lab, onTestFinished }) => {
  await lab.use({ sshd: "ChannelTimeout direct-tcpip=1s\n" });
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await using _local = await lab.home.ssh("-L", "8080:localhost:80");
  const ofRemote = await lab.forwardLab.lab.host("server").dial("127.0.0.1", 43234);
  const ofLocal = await lab.forwardLab.lab.host("home").dial("127.0.0.1", 8080);
  for (const visitor of [ofRemote, ofLocal]) {
    onTestFinished(() => void visitor.destroy());
    visitor.resume().write("x");
  }

  await once(ofLocal, "end");

  expect(ofRemote.readableEnded).toBe(false);
  await expect(lab.server).toReach(remote);
});
