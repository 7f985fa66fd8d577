/**
 * Claim: one wrong line, an `accept` before the rule that should restrict, and the home machine is open to the world.
 * Why: the first rule that decides is the last one that is asked.
 * Control: the same two lines the other way round.
 */
import { expect, test } from "../harness/vitest/index.ts";

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
