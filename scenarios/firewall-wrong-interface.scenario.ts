import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A rule for an interface that the server does not have keeps nobody out, and nothing reports it",
    ja: "サーバーにないインターフェースを指定したルールは誰も遮断せず、警告も出ない",
  },
  question: {
    en: "A rule copied from a guide drops strangers on ens3. The server's interface is eth0. Who is kept out?",
    ja: "手引きから写したルールは、ens3 で第三者を破棄します。サーバーのインターフェースは eth0 です。遮断されるのは誰ですか。",
  },
  predict: { en: "Does nft reject the rule? Does a stranger get in?", ja: "nft はルールを拒否しますか。第三者は接続できますか。" },
  commands: [
    "server# nft -f /etc/nftables.conf && ip -br link",
    "home$ ssh -R :43234:localhost:3389 server",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "It loads without a warning, and everyone gets in. With eth0, that line drops the stranger.",
    ja: "警告なしに読み込まれ、誰でも接続できます。eth0 と書けば、第三者はその行で破棄されます。",
  },
  why: {
    en: "iifname compares a name when a packet arrives; no interface of that name has to exist. If the rule never matches, the chain's policy decides.",
    ja: "iifname は、パケットが届いたときに名前を比較するだけで、その名前のインターフェースがなくてもかまいません。ルールが一致しなければ、チェーンの policy が適用されます。",
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

test("ens3: everyone gets in", async ({ lab }) => {
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
