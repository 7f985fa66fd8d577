import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts clientspecified, a leading colon opens the port to everyone",
    ja: "GatewayPorts clientspecified では、先頭のコロンがポートを全員に開く",
  },
  question: {
    en: "What does the colon in `-R :43234:localhost:3389` do?",
    ja: "`-R :43234:localhost:3389` の先頭のコロンにはどんな効果がありますか。",
  },
  predict: {
    en: "The other LAN, the server's neighbour, a stranger, the server itself: who gets in with the colon, who without?",
    ja: "別の LAN、サーバーの隣のホスト、第三者、サーバー自身のうち、コロンがあるときとないときで、接続できるのは誰ですか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 server",
    "home$ ssh -R 43234:localhost:3389 server",
    "other-lan$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "With the colon, everyone gets in, over IPv4 and IPv6. Without it, only processes on the server.",
    ja: "コロンがあれば、IPv4 でも IPv6 でも誰でも接続できます。なければ、サーバー上のプロセスだけです。",
  },
  why: {
    en: 'An empty bind address before the colon means "every address", and the server does what the client asks.',
    ja: "コロンの前が空なら「すべてのアドレス」という意味になり、サーバーはクライアントの要求に従います。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("a leading colon opens the port to everyone", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.campus).toReach(forward);
  await expect(lab.internet).toReach(forward);
  await expect(lab.server).toReach(forward);
});

test("without the colon only the server itself gets in", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.campus).not.toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
