import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A DNAT rule on the server diverts visitors before they reach sshd's listener, and ssh still reports success",
    ja: "サーバーの DNAT ルールは、sshd の待ち受けより先に接続を横取りする。それでも ssh は成功と報告する",
  },
  question: {
    en: "A container also publishes port 43234, which adds a nat rule. Where do visitors end up?",
    ja: "コンテナも 43234 番を公開しており、nat のルールがあります。43234 番への接続はどこに届きますか。",
  },
  predict: {
    en: "Over IPv4, over IPv6, and from the server itself?",
    ja: "IPv4 の場合、IPv6 の場合、サーバー自身からの場合、それぞれどうなりますか。",
  },
  commands: ["server# nft list table ip nat", "home$ ssh -R :43234:localhost:3389 server", "internet$ curl -4 http://server:43234/"],
  seen: {
    en: "Over IPv4, another service answers. Over IPv6, and from the server itself, visitors reach the forward.",
    ja: "IPv4 では別のサービスが応答します。IPv6 の場合とサーバー自身からの場合は、転送に届きます。",
  },
  why: {
    en: "The prerouting hook rewrites the destination before the kernel looks for a socket. The listener is there, but never sees the packet.",
    ja: "prerouting フックは、カーネルがソケットを探す前に宛先を書き換えます。待ち受けはあっても、パケットが届きません。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const firewall = `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 43234 redirect to :8080
  }
}
`;

test("IPv4 visitors end up elsewhere", async ({ lab }) => {
  await lab.use({ sshd, firewall });
  await lab.server.serve(8080);
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.internet).toSee(forward, "wrong-service", { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
  await expect(lab.server).toReach(forward);
});

test("control: without the rule they reach the forward", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
