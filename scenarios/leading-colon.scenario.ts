/**
 * Claim: with `GatewayPorts clientspecified`, the leading colon of `-R :43234:localhost:3389` opens the port to everybody.
 * Why: nothing before the colon means "every address". The server does as the client asks, over IPv4 and IPv6.
 * Control: the same command without the colon is for processes on the server alone.
 */
import { expect, test } from "../harness/vitest/index.ts";

const sshd = "GatewayPorts clientspecified\n";

test("a leading colon opens the port to everybody", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.campus).toReach(forward);
  await expect(lab.internet).toReach(forward);
  await expect(lab.server).toReach(forward);
});

test("without the colon only the server itself gets in", async ({ lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.campus).not.toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
