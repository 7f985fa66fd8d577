import { once } from "node:events";
import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "ChannelTimeout closes an idle connection through the forward, not the forward itself",
    ja: "ChannelTimeout が閉じるのは転送を通るアイドル接続で、転送そのものではない",
  },
  question: {
    en: "The server has ChannelTimeout forwarded-tcpip=1s. A connection through -R goes idle. What ends?",
    ja: "サーバーの設定は ChannelTimeout forwarded-tcpip=1s です。-R を通る接続がアイドルになると、何が終わりますか。",
  },
  predict: {
    en: "The visitor's connection, the listener, the session? And with direct-tcpip=1s instead?",
    ja: "その接続ですか、待ち受けですか、セッションですか。代わりに direct-tcpip=1s ならどうなりますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ nc localhost 43234"],
  seen: {
    en: "The visitor is cut off, and the next one is served. direct-tcpip cuts off a visitor of -L and leaves one of -R alone.",
    ja: "その接続は切れますが、次の接続には応答があります。direct-tcpip は -L の接続を切り、-R の接続には影響しません。",
  },
  why: {
    en: "Each visitor gets a channel: forwarded-tcpip for -R, direct-tcpip for -L and -D. A listener is not a channel, so it never times out.",
    ja: "接続ごとにチャネルが作られます。-R では forwarded-tcpip、-L と -D では direct-tcpip です。待ち受け自体はチャネルではないので、タイムアウトしません。",
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

test("control: direct-tcpip applies to -L", async ({ lab, onTestFinished }) => {
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
