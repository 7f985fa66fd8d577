import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "One `accept` before the rule that should restrict, and home is open to the world",
    ja: "制限する規則の前に `accept` が一行あるだけで、自宅は全世界に開く",
  },
  question: { en: "The ruleset has a line that drops strangers. Does it?", ja: "第三者を落とす行がある。本当に落ちるか。" },
  predict: { en: "The same two lines in either order: who gets in?", ja: "同じ二行を、どちらの順に書くかで、誰が入れるか。" },
  commands: ["server# nft list chain inet filter input", "home$ ssh -R :43234:localhost:3389 server", "internet$ xfreerdp /v:server:43234"],
  seen: {
    en: "With the accept first everybody gets in; with the drop first only the other LAN does.",
    ja: "accept が先なら誰でも入れる。drop が先なら別の LAN だけ。",
  },
  why: { en: "The first rule that decides is the last one that is asked.", ja: "最初に決めた規則より後は、もう尋ねられない。" },
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

test("accept before drop: everybody gets in", async ({ lab }) => {
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
