import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall on the server can let in only the other LAN and keep everyone else out, over IPv4 and IPv6",
    ja: "サーバーのファイアウォールで、別の LAN だけを許可し、ほかを IPv4 でも IPv6 でも遮断できる",
  },
  question: {
    en: "The input chain accepts the other LAN and drops the rest. Does that apply to a port that sshd opened for a user?",
    ja: "input チェーンは別の LAN だけを許可し、残りを破棄します。sshd が利用者のために開いたポートにも効きますか。",
  },
  predict: {
    en: "The other LAN, the server's neighbour, a stranger: who gets in, and which line stops the others?",
    ja: "別の LAN、サーバーの隣のホスト、第三者のうち、接続できるのは誰ですか。ほかはどの行で止まりますか。",
  },
  commands: ["server# nft -f /etc/nftables.conf", "home$ ssh -R :43234:localhost:3389 server", "other-lan$ xfreerdp /v:server:43234"],
  seen: {
    en: "Only the other LAN gets in; everyone else's packets end at the chain's policy. Without the firewall, the stranger gets in too.",
    ja: "接続できるのは別の LAN だけです。ほかのパケットは、チェーンの policy で破棄されます。ファイアウォールがなければ、第三者も接続できます。",
  },
  why: {
    en: "sshd's listener is an ordinary socket on the server, so the input chain sees every connection to it.",
    ja: "sshd の待ち受けはサーバーの普通のソケットなので、すべての接続が input チェーンを通ります。",
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

test("control: without the firewall the stranger gets in", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).toReach(forward);
});
