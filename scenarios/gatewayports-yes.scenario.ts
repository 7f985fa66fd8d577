/**
 * Claim: with `GatewayPorts yes` every remote forward is open to everybody, also one that asks for 127.0.0.1 alone.
 * Why: sshd maps every address that is asked for to "all addresses". The client has no say.
 * Control: the same request where the client does have a say.
 */
import { expect, test } from "../harness/vitest/index.ts";

test.for(["43234:localhost:3389", "127.0.0.1:43234:localhost:3389", ":43234:localhost:3389"])(
  "-R %s is open to everybody",
  async (asked, { lab }) => {
    await lab.use({ sshd: "GatewayPorts yes\n" });

    await using forward = await lab.home.ssh("-R", asked);

    expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
    await expect(lab.otherLan).toReach(forward);
    await expect(lab.internet).toReach(forward);
  },
);

test("control: with clientspecified, 127.0.0.1 means 127.0.0.1", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", "127.0.0.1:43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234"]);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.server).toReach(forward, { address: "127.0.0.1" });
});
