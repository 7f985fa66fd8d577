/**
 * Claim: with the colon and without a firewall, the machine at home is open to the whole world.
 * Why: the forwarded port is a port of the server like any other. Nothing else stands before it.
 * Control: where sshd itself refuses the wide listener, the world stays out without a firewall, too.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("no firewall: everybody reaches Remote Desktop at home", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});

test("control: what listens on loopback needs none", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts no\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward);
});
