/**
 * Claim: where home has a public IPv4 address and its owner can configure the router, a port-forward there is enough: no tunnel is needed.
 * Why: the router rewrites the destination (DNAT). It does so for IPv4 alone: over IPv6 its firewall still lets nothing in.
 * Control: the same router without the port-forward.
 */
import { articleLab, expect, type LabSpec, labTest } from "../harness/vitest/index.ts";

const article = articleLab();

/** The article's lab without the provider's NAT. */
function withoutCgNat(portForwards: LabSpec["routers"][string]["portForwards"]) {
  const { isp, "home-router": router, ...others } = article.routers;
  return {
    ...article,
    routers: { ...others, "home-router": { lans: {}, ...router, uplink: { router: "core", address: "203.0.113.7" }, portForwards } },
  };
}

const forwarded = labTest({ spec: withoutCgNat([{ port: 3389, to: { address: "192.168.1.10", port: 3389 } }]) });
const plain = labTest({ spec: withoutCgNat([]) });

forwarded("a port-forward on the router lets everybody in over IPv4", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await expect(lab.otherLan).toReach(desktop, { family: 4 });
  await expect(lab.internet).toReach(desktop, { family: 4 });
  await expect(lab.internet).toSee(desktop, "filtered", { family: 6, by: "router" });
});

plain("control: without it nobody outside gets in", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await expect(lab.homeLan).toReach(desktop);
  await expect(lab.otherLan).not.toReach(desktop);
  await expect(lab.internet).not.toReach(desktop);
});
