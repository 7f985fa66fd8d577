/** What finds the server's link-layer address is filtered, too: without it a family is dead, whatever the port's rule says. */
import { expect } from "../../../harness/vitest/index.ts";
import { test } from "../clientspecified.ts";

const open = (icmp: string) => `table inet edge {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname lo accept
    ct state established,related accept
    ${icmp}
    tcp dport { 22, 43234 } accept
  }
}
`;

test("a ruleset that forgets ICMPv6 leaves no IPv6: the server answers no neighbour solicitation", async ({ lab }) => {
  await lab.use({ firewall: open("ip protocol icmp accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.campus).not.toReach(forward, { family: 6 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
  await expect(lab.campus).toReach(forward, { family: 4 });
});

test("the control: with ICMPv6 the same port is open over both", async ({ lab }) => {
  await lab.use({ firewall: open("meta l4proto { icmp, ipv6-icmp } accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.campus).toReach(forward);
  await expect(lab.internet).toReach(forward);
});
