/**
 * Claim: with `GatewayPorts no`, the default, the colon is ignored without a word: the forward is granted and nobody outside reaches it.
 * Why: sshd maps every address that is asked for to loopback, and ssh is told only that the forward stands.
 * Control: the same command where the server allows it.
 */
import { expect, test } from "../harness/vitest/index.ts";

test.for(["", "GatewayPorts no\n"])("the colon is ignored with the config %j", async (sshd, { lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.granted).toBe(true);
  expect(forward.outcome.clientLog).not.toMatch(/warning|gateway/i);
  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.internet).toSee(forward, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
});

test("control: clientspecified heeds the colon", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
});
