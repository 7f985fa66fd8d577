import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"-g opens a remote forward": no, -g is for -L and -D, and does nothing for -R',
    ja: "「-g でリモート転送が開く」は誤り。-g は -L と -D のためのもので、-R には何もしない",
  },
  question: {
    en: "`ssh -g -R 43234:localhost:3389 server`, with GatewayPorts clientspecified. Who gets in?",
    ja: "GatewayPorts clientspecified で `ssh -g -R 43234:localhost:3389 server`。誰が入れるか。",
  },
  predict: {
    en: "The other LAN: with -g, with -o GatewayPorts=yes, with a colon?",
    ja: "別の LAN は、-g、-o GatewayPorts=yes、コロンのそれぞれで入れるか。",
  },
  commands: [
    "home$ ssh -g -R 43234:localhost:3389 server",
    "home$ ssh -o GatewayPorts=yes -R 43234:localhost:3389 server",
    "home$ ssh -R :43234:localhost:3389 server",
  ],
  seen: {
    en: "Only with the colon. The other two listen on the server's loopback, as without them.",
    ja: "コロンだけ。ほかの二つは、付けないときと同じくサーバーのループバックで待ち受ける。",
  },
  why: {
    en: "The client's GatewayPorts is about listeners of ssh. For -R sshd listens, and asks its own GatewayPorts and the bind address.",
    ja: "クライアントの GatewayPorts は ssh の待ち受けについての設定。-R で待ち受けるのは sshd で、自分の GatewayPorts とバインドアドレスを見る。",
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
