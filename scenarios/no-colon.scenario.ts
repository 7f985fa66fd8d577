/**
 * Claim: without the leading colon, `-R 43234:localhost:3389` is for processes on the server alone, even where `GatewayPorts clientspecified` allows more.
 * Why: with no bind address ssh asks for `localhost`, and the server does as asked.
 * Control: the colon, and nothing else, opens the same port to the other LAN.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("without the colon the port is the server's own", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  for (const outsider of [lab.otherLan, lab.campus, lab.internet, lab.home, lab.homeLan]) {
    await expect(outsider).not.toReach(forward);
    await expect(outsider).toSee(forward, "refused", { by: "bind-address" });
  }
});

test("control: the colon opens it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
});
