import { expect, test } from "../../../../harness/vitest/index.ts";

test("Remote Desktop at home is for the campus and the other LAN", async ({ lab }) => {
  await lab.use({
    sshd: "GatewayPorts clientspecified\n",
    firewall: `table inet filter {
      chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        meta l4proto ipv6-icmp accept
        tcp dport 22 accept
        ip saddr { 198.51.100.0/24, 203.0.113.50 } tcp dport 43234 accept
        ip6 saddr { 2001:db8:100::/64, 2001:db8:50::/64 } tcp dport 43234 accept
      }
    }`,
  });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.campus).toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { by: "server-firewall" });
});
