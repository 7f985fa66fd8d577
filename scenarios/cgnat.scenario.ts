/**
 * Claim: a service at home behind CG-NAT cannot be reached directly, over IPv4 or IPv6, whatever its own owner does.
 * Why: over IPv4 the public address is the provider's, which forwards no port to home; over IPv6 home is addressed, but its router lets nothing in.
 * Control: a machine in the same home reaches the service, so it does run.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("nobody outside reaches Remote Desktop at home", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);

  await expect(lab.homeLan).toReach(desktop);

  for (const outsider of [lab.otherLan, lab.campus, lab.internet, lab.server]) {
    await expect(outsider).not.toReach(desktop);
    await expect(outsider).toSee(desktop, "filtered", { family: 4, by: "nat" });
    await expect(outsider).toSee(desktop, "filtered", { family: 6, by: "router" });
  }
});
