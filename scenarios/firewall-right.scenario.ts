/**
 * Claim: a firewall on the server lets in the other LAN and keeps out everybody else, over IPv4 and IPv6.
 * Why: sshd's listener is an ordinary socket of the server; the input chain sees each connection to it.
 * Control: without the firewall the same stranger gets in, so it is the firewall that keeps him out: the rule is named.
 */
import { expect, test } from "../harness/vitest/index.ts";

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
