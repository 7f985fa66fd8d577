/** A lab's network, as results tell it. */
import type { LabSpec } from "../core/lab-spec.ts";
import type { Result } from "../core/result.ts";

export function topologyOf(spec: LabSpec): Result["topology"] {
  return {
    lans: Object.fromEntries(
      Object.entries(spec.lans).map(([name, { ipv4, ipv6 }]) => [
        name,
        { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) },
      ]),
    ),
    routers: structuredClone(spec.routers),
    hosts: Object.fromEntries(
      Object.entries(spec.hosts).map(([name, host]) => [
        name,
        { interfaces: host.interfaces.map((wire) => ({ name: wire.name, link: { ...wire.link }, addresses: [...wire.addresses] })) },
      ]),
    ),
  };
}
