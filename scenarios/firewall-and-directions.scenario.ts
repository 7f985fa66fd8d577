import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall that accepts only port 22 stops the visitors of -R, but nothing that -L carries",
    ja: "22 番だけを許可するファイアウォールは、-R への接続を止めるが、-L が運ぶ通信は止めない",
  },
  question: {
    en: "The server's firewall accepts port 22 and nothing else. Which tunnels does that stop?",
    ja: "サーバーのファイアウォールは 22 番だけを許可します。どのトンネルが止まりますか。",
  },
  predict: {
    en: "A stranger at -R's port 43234? Home at the server's port 80 directly? Home at the same port through -L?",
    ja: "-R の 43234 番に接続する第三者、サーバーの 80 番に直接接続する自宅、-L を通して同じポートに接続する自宅は、それぞれどうなりますか。",
  },
  commands: [
    "server# nft list chain inet filter input",
    "home$ ssh -R :43234:localhost:3389 server",
    "home$ ssh -L 8080:localhost:80 server",
  ],
  seen: {
    en: "The firewall drops the stranger, and home at port 80. Through -L home gets there anyway.",
    ja: "第三者のパケットも、80 番に直接接続する自宅のパケットも破棄されます。-L なら、自宅から同じポートに接続できます。",
  },
  why: {
    en: "A visitor of -R connects to a port of the server and passes its input chain. What -L carries arrives inside the ssh connection; the server then connects to itself.",
    ja: "-R への接続はサーバーのポートに届くので、input チェーンを通ります。-L の通信は ssh 接続の中を通って届き、サーバーが自分自身に接続します。",
  },
});

const sshAlone = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
  }
}
`;

test("port 22 only: -R's visitors are dropped, -L gets through", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall: sshAlone });
  const web = await lab.server.serve(80);

  await using remote = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(remote, "filtered", { by: "server-firewall" });
  await expect(lab.home).toSee(web, "filtered", { by: "server-firewall" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toReach(local);
});

test("control: without the firewall the stranger gets in", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall: null });
  await using remote = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(remote);
});
