/**
 * Claim: a firewall that is right for IPv4 and says nothing about IPv6 leaves the home machine open to the world over IPv6.
 * Why: the colon makes sshd listen over both families, and a table `ip` never sees an IPv6 packet.
 * Control: the same rules in a table `inet`, which sees both.
 */
import { expect, test } from "../harness/vitest/index.ts";

const sshd = "GatewayPorts clientspecified\n";
const firewall = (family: "ip" | "inet") => `
table ${family} filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.50 tcp dport 43234 accept
  }
}
`;

test("table ip: shut over IPv4, open over IPv6", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("ip") });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward, { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test("control: table inet", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("inet") });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward);
  await expect(lab.otherLan).toReach(forward, { family: 4 });
});
