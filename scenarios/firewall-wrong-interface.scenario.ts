import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A rule for an interface that the server does not have keeps nobody out, and nothing complains",
    ja: "サーバーにないインターフェースへの規則は誰も締め出さず、何の警告も出ない",
  },
  question: {
    en: "A guide's rule drops strangers on ens3. The server's interface is eth0. Who is kept out?",
    ja: "手引きの規則は ens3 で第三者を落とす。サーバーのインターフェースは eth0。誰が締め出されるか。",
  },
  predict: { en: "Does nft refuse the rule? Does a stranger get in?", ja: "nft は規則を拒否するか。第三者は入れるか。" },
  commands: [
    "server# nft -f /etc/nftables.conf && ip -br link",
    "home$ ssh -R :43234:localhost:3389 server",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "It loads without a word, and everybody gets in. With eth0 the stranger is dropped by that line.",
    ja: "何も言わずに読み込まれ、誰でも入れる。eth0 と書けば、第三者はその行で落ちる。",
  },
  why: {
    en: "A rule with iifname compares a name when a packet comes; an interface of that name need never exist. The chain's policy then decides.",
    ja: "iifname の規則は、パケットが来たときに名前を比べるだけで、その名前のインターフェースが存在しなくてもよい。決めるのはチェインの policy になる。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const firewall = (name: string) => `
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "${name}" tcp dport 43234 ip saddr != 203.0.113.50 drop
    iifname "${name}" tcp dport 43234 ip6 saddr != 2001:db8:50::/64 drop
  }
}
`;

test("ens3: everybody gets in", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("ens3") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("control: eth0, and the stranger is dropped by the rule", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("eth0") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { layer: "server-firewall", line: 5 } });
  await expect(lab.internet).toSee(forward, "filtered", { family: 6, by: { layer: "server-firewall", line: 6 } });
});
