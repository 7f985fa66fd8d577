/**
 * Claim: the port is there as long as the link is. When ssh at home dies, the server's port closes.
 * Why: the listener belongs to the session's own sshd process, which ends when the connection does.
 * Control: the same port is reached while ssh lives, and again once a new ssh has come.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("the port goes with ssh, and comes back with it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);

  await forward.kill();

  expect(forward.listeners).toEqual([]);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.otherLan).toSee(forward, "refused", { by: "client" });
  await expect(lab.server).toSee(forward, "refused");

  await using again = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(again);
});
