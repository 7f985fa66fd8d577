/**
 * Claim: with `GatewayPorts clientspecified` the client decides: everybody, the server alone, one address, or one family.
 * Why: sshd listens on exactly what the bind address of `-R` names.
 * Control: each form leaves out whom it does not name.
 */
import { expect, test } from "../harness/vitest/index.ts";

const sshd = "GatewayPorts clientspecified\n";

test("a star is the same as a bare colon: everybody", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "*:43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("0.0.0.0 is IPv4 alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
});

test("[::] is IPv6 alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "[::]:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 6 });
  await expect(lab.internet).not.toReach(forward, { family: 4 });
});

test("one address of the server is that address, not even its loopback", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "198.51.100.10:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
  await expect(lab.server).not.toReach(forward, { address: "127.0.0.1" });
});

test("no address is the server alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
