import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "One `accept` before the restricting rule, and home is open to the internet",
    ja: "制限するルールの前に `accept` が 1 行あるだけで、自宅が公開される",
  },
  question: {
    en: "The ruleset has a line that drops strangers. Does it?",
    ja: "ルールセットに、第三者を破棄する行があります。本当に破棄されますか。",
  },
  predict: {
    en: "The accept and the drop in either order: who gets in?",
    ja: "accept と drop をどちらの順に書くかで、接続できる相手はどう変わりますか。",
  },
  commands: ["server# nft list chain inet filter input", "home$ ssh -R :43234:localhost:3389 server", "internet$ xfreerdp /v:server:43234"],
  seen: {
    en: "With the accept first, everyone gets in; with the drop first, only the other LAN.",
    ja: "accept が先なら誰でも、drop が先なら別の LAN だけが接続できます。",
  },
  why: {
    en: "In a chain, the first rule that gives a verdict decides. No later rule is evaluated.",
    ja: "チェーンでは、最初に判定を下したルールで決まります。それより後のルールは評価されません。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const restrict = "ip saddr != 203.0.113.50 tcp dport 43234 drop\n    ip6 saddr != 2001:db8:50::/64 tcp dport 43234 drop";
const accept = "tcp dport { 22, 43234 } accept";
const firewall = (rules: string[]) => `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    ${rules.join("\n    ")}
  }
}
`;

test("accept before drop: everyone gets in", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall([accept, restrict]) });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});

test("control: drop before accept", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall([restrict, accept]) });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { line: 7 } });
  await expect(lab.internet).toSee(forward, "filtered", { family: 6, by: { line: 8 } });
});
