import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall that lets port 22 in and nothing else stops the visitors of -R, and nothing that -L carries",
    ja: "22 番だけを通すファイアウォールは、-R の訪問者を止める。-L が運ぶものは何も止めない",
  },
  question: {
    en: "Port 22 of the server is let in, all other ports are shut. Which tunnels does that stop?",
    ja: "サーバーの 22 番は通し、ほかのポートは閉じている。どのトンネルが止まるか。",
  },
  predict: {
    en: "A stranger at -R's port 43234, home at the server's own port 80, and home at the same port by -L?",
    ja: "-R の 43234 番に来る第三者、サーバー自身の 80 番に直接つなぐ自宅、-L でそこにつなぐ自宅。それぞれどうなるか。",
  },
  commands: [
    "server# nft list chain inet filter input",
    "home$ ssh -R :43234:localhost:3389 server",
    "home$ ssh -L 8080:localhost:80 server",
  ],
  seen: {
    en: "The stranger is dropped by the rule, and so is home at port 80. By -L home gets there all the same.",
    ja: "第三者も、80 番に直接つなぐ自宅も、規則に捨てられる。-L なら自宅は同じ所に着く。",
  },
  why: {
    en: "A visitor of -R comes to a port of the server, past its input chain. What -L carries comes inside of the ssh connection, and is dialled from the server to itself.",
    ja: "-R の訪問者はサーバーのポートに来て、input チェーンを通る。-L が運ぶものは ssh の接続の中を来て、サーバーから自分自身へダイヤルされる。",
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

test("port 22 alone: -R's visitors are dropped, -L gets through", async ({ lab }) => {
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
