/**
 * Claim: a port below 1024 can be forwarded by root alone.
 * Why: sshd binds the port as the account that logged in, and the kernel lets only root bind the well-known ports.
 * Control: root may, and the plain account may have any other port.
 */
import { expect, test } from "../harness/vitest/index.ts";

const server = { sshd: "GatewayPorts clientspecified\nPermitRootLogin prohibit-password\n", accounts: { alice: {}, root: {} } };

test("a plain account is refused port 443", async ({ lab }) => {
  await lab.use(server);

  await using forward = await lab.home.ssh("-R", ":443:localhost:3389", { as: "alice" });

  expect(forward.granted).toBe(false);
  expect(forward.outcome.refusedBy).toMatchObject({ layer: "bind-address", text: expect.stringContaining("Permission denied") });
  await expect(lab.server).toSee(forward, "refused");
  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
});

test("control: the same account gets port 1024", async ({ lab }) => {
  await lab.use(server);
  await using forward = await lab.home.ssh("-R", ":1024:localhost:3389", { as: "alice" });
  await expect(lab.otherLan).toReach(forward);
});

test("control: root gets port 443", async ({ lab }) => {
  await lab.use(server);
  await using forward = await lab.home.ssh("-R", ":443:localhost:3389", { as: "root" });
  await expect(lab.otherLan).toReach(forward);
});
