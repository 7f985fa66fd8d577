import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A DNAT rule on the server takes visitors away before sshd's listener sees them, and ssh still reports success",
    ja: "サーバーの DNAT 規則は、sshd の待ち受けより先に訪問者を連れ去る。それでも ssh は成功と言う",
  },
  question: {
    en: "Port 43234 is also published by a container, which adds a nat rule. Where do visitors land?",
    ja: "コンテナーも 43234 番を公開していて、nat の規則がある。訪問者はどこに着くか。",
  },
  predict: { en: "Over IPv4, over IPv6, and from the server itself?", ja: "IPv4 では、IPv6 では、サーバー自身からは、それぞれどうか。" },
  commands: ["server# nft list table ip nat", "home$ ssh -R :43234:localhost:3389 server", "internet$ curl -4 http://server:43234/"],
  seen: {
    en: "Over IPv4 a visitor gets another service's answer. Over IPv6, and on the server itself, the forward is reached.",
    ja: "IPv4 の訪問者には別のサービスが応答する。IPv6 とサーバー自身からは転送に届く。",
  },
  why: {
    en: "The prerouting hook rewrites the destination before the kernel looks for a socket. The listener stands, and never hears of the packet.",
    ja: "prerouting フックは、カーネルがソケットを探す前に宛先を書き換える。待ち受けはあるが、パケットのことを知らないまま。",
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

test("IPv4 visitors land elsewhere", async ({ lab }) => {
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
