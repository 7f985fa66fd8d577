import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"-g opens a remote forward": no, -g is for -L and -D, and does nothing for -R',
    ja: "「-g でリモート転送が外に開く」は誤り。-g は -L と -D のためのもので、-R には効かない",
  },
  question: {
    en: "`ssh -g -R 43234:localhost:3389 server`, with GatewayPorts clientspecified on the server. Who gets in?",
    ja: "サーバーは GatewayPorts clientspecified です。`ssh -g -R 43234:localhost:3389 server` を実行すると、誰が接続できますか。",
  },
  predict: {
    en: "The other LAN: with -g, with -o GatewayPorts=yes, with a colon?",
    ja: "別の LAN からは、-g、-o GatewayPorts=yes、先頭のコロンのそれぞれで接続できますか。",
  },
  commands: [
    "home$ ssh -g -R 43234:localhost:3389 server",
    "home$ ssh -o GatewayPorts=yes -R 43234:localhost:3389 server",
    "home$ ssh -R :43234:localhost:3389 server",
  ],
  seen: {
    en: "Only with the colon. The other two leave the listener on the server's loopback.",
    ja: "接続できるのはコロンを付けたときだけです。ほかの 2 つでは、サーバーのループバックで待ち受けます。",
  },
  why: {
    en: "The client's GatewayPorts is about ssh's own listeners. With -R, sshd listens; its own GatewayPorts and the bind address decide.",
    ja: "クライアントの GatewayPorts は、ssh 自身の待ち受けに関する設定です。-R で待ち受けるのは sshd で、自分の GatewayPorts とバインドアドレスに従います。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test.for([["-g"], ["-o", "GatewayPorts=yes"]])("%j opens nothing", async (options, { lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh(...(options as [string]), "-R", "43234:localhost:3389");
  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
});

test("control: the colon does", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
});
