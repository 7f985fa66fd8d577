import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall on the server lets the other LAN in and keeps everybody else out, over IPv4 and IPv6",
    ja: "サーバーのファイアウォールは、別の LAN だけを通し、ほかを IPv4 でも IPv6 でも締め出せる",
  },
  question: {
    en: "The input chain names the other LAN and drops the rest. Does that hold for a port that sshd opened for somebody?",
    ja: "input チェインは別の LAN だけを名指しで通し、残りを落とす。sshd が誰かのために開いたポートにも効くか。",
  },
  predict: {
    en: "The other LAN, the server's own neighbour, a stranger: who gets in, and which line stops the others?",
    ja: "別の LAN、サーバーの隣の機械、第三者。誰が入れて、ほかはどの行で止まるか。",
  },
  commands: ["server# nft -f /etc/nftables.conf", "home$ ssh -R :43234:localhost:3389 server", "other-lan$ xfreerdp /v:server:43234"],
  seen: {
    en: "Only the other LAN gets in; the others' packets end at the chain's policy. Without the firewall the stranger is in.",
    ja: "入れるのは別の LAN だけ。ほかのパケットはチェインの policy で落ちる。ファイアウォールを外すと第三者も入れる。",
  },
  why: {
    en: "sshd's listener is an ordinary socket of the server, so the input chain sees each connection to it.",
    ja: "sshd の待ち受けはサーバーの普通のソケットなので、input チェインがすべての接続を見る。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const firewall = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.50 tcp dport 43234 accept
    ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept
  }
}
`;

test("the other LAN gets in, a stranger does not", async ({ lab }) => {
  await lab.use({ sshd, firewall });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 4 } });
  await expect(lab.campus).not.toReach(forward);
});

test("control: without the firewall the stranger is in", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).toReach(forward);
});
