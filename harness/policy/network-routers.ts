/** The routers between a LAN and the internet core. */

import { parseInterface } from "../core/address.ts";
import { faultOf } from "../core/fault.ts";
import type { LabSpec, RouterSpec } from "../core/lab-spec.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Fail, LanPlan } from "./lan-plan.ts";

/** The router of a LAN that is behind one, and its provider's. */
export function addRouter(spec: LabSpec, lan: LanPlan, space: AddressSpace, fail: Fail): void {
  const { behind } = lan;
  if (!behind) return;
  const router = spec.routers[lan.router] as RouterSpec;
  if (behind.nat === "none") {
    Object.assign(router, { uplink: { router: "core" }, nat: "none", inbound: "accept" } satisfies Partial<RouterSpec>);
  } else if (behind.nat === "nat") {
    Object.assign(router, {
      uplink: { router: "core", address: behind.publicAddress.text },
      nat: "masquerade",
      inbound: behind.inbound,
    } satisfies Partial<RouterSpec>);
  } else {
    const inside = space.choose(
      Array.from({ length: 128 }, (_, step) => `100.${64 + (step % 64)}.${Math.floor(step / 64)}.${behind.cgnatHost}/32`),
      `${lan.router}'s CG-NAT address`,
    );
    if (!inside)
      fail(lan.members[0]?.path ?? [], `no free CG-NAT address is left for ${lan.router}`, {
        fault: faultOf("network-none-free", { owner: lan.router, family: 4 }),
        found: "100.64.0.0/10 in use",
        expected: "a free address in 100.64.0.0/10",
        todo: "use longer prefix lengths for the networks of the policy in 100.64.0.0/10, such as /24 (Tailscale has one network for all its hosts), or set `network.home.behind: nat`",
      });
    spec.routers[behind.isp] = {
      uplink: { router: "core", address: behind.publicAddress.text },
      lans: {},
      nat: "masquerade",
      inbound: "accept",
    };
    Object.assign(router, {
      uplink: { router: behind.isp, address: inside?.text },
      nat: "masquerade",
      inbound: "drop",
    } satisfies Partial<RouterSpec>);
  }
  const four = (host = "") => {
    const wire = spec.hosts[host]?.interfaces.find(({ link }) => "lan" in link && link.lan === lan.name);
    return wire?.addresses.map(parseInterface).find((address) => address?.family === 4)?.text ?? "";
  };
  const owner = lan.members[0]?.host;
  if (behind.portForwards.length > 0)
    router.portForwards = behind.portForwards.map(({ port, to, host = owner }) => ({ port, to: { address: four(host), port: to } }));
  if (behind.exposesAll) router.exposedHost = four(owner);
}
