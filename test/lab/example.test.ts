import { expect, labTest } from "../../harness/vitest/index.ts";

// The example of `labTest`'s documentation: a topology and a scenario of one's own in 20 lines.
const test = labTest({
  spec: {
    lans: { dmz: { ipv4: "198.51.100.0/24" }, office: { ipv4: "10.1.0.0/24" } },
    routers: {
      core: { lans: { dmz: ["198.51.100.1/24"] } },
      gateway: {
        uplink: { router: "core", address: "203.0.113.9" },
        lans: { office: ["10.1.0.1/24"] },
        nat: "masquerade",
        inbound: "drop",
      },
    },
    hosts: {
      server: { kind: "container", interfaces: [{ name: "eth0", link: { lan: "dmz" }, addresses: ["198.51.100.10/24"] }] },
      desktop: { kind: "container", interfaces: [{ name: "eth0", link: { lan: "office" }, addresses: ["10.1.0.10/24"] }] },
      "branch-office": { kind: "namespace", interfaces: [{ name: "eth0", link: { router: "core" }, addresses: ["192.0.2.7"] }] },
    },
  },
  sshd: "GatewayPorts clientspecified\n",
  firewall: "table inet filter { chain input { type filter hook input priority 0; ip saddr != 192.0.2.7 tcp dport 43234 drop; }; }",
});

test("the branch office reaches the desktop, the desktop's own network does not", async ({ lab }) => {
  await using forward = await lab.desktop.ssh("-fN", "-R", ":43234:localhost:3389");
  await expect(lab.branchOffice).toReach(forward);
  await expect(lab.desktop).not.toReach(forward);
});
