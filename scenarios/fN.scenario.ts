/**
 * Claim: `-fN` changes nothing about who can reach the forward: ssh goes to the background and the port stands.
 * Why: -N asks for no command, -f lets ssh go on by itself once it has logged in; neither is about listening.
 * Control: killing the ssh in the background closes the port.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("ssh -fN leaves an ssh behind that holds the port", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-fN", "-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toReach(forward);

  await forward.kill();
  await expect(lab.otherLan).toSee(forward, "refused");
});
