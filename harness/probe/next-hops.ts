/** Whose link-layer addresses a probe's packets need at either end of their way. Pure. */
import { type Family, withoutPrefix } from "../core/address.ts";
import { type LabSpec, lansOf } from "../core/lab-spec.ts";
import { isLinkLocal, linkLocalOf, withoutZone } from "../core/link-local.ts";
import { isIpv6, upperAddresses } from "../lab/wiring.ts";

export interface ProbeEnds {
  vantage: string;
  targetHost: string;
  address: string;
  /** Next hop, where it is not the address itself or a router. */
  via?: string;
}

/** Addresses of the probe's family that are asked for by ARP or neighbour discovery: the target's, and those the answer goes by. */
export function nextHops(spec: LabSpec, { vantage, targetHost, address, via }: ProbeEnds): string[] {
  if (vantage === targetHost) return [];
  const family: Family = isIpv6(address) ? 6 : 4;
  const vantageLans = lansOf(spec, vantage);
  const targetLans = lansOf(spec, targetHost);
  const shared = vantageLans.filter((lan) => targetLans.includes(lan));
  const own = (spec.hosts[vantage]?.interfaces ?? []).flatMap((wire) =>
    isLinkLocal(address) ? (linkLocalOf(spec, vantage, wire) ?? []) : wire.addresses,
  );
  const gateways = Object.values(spec.routers).flatMap(({ lans }) =>
    [...vantageLans, ...targetLans].filter((lan) => !shared.includes(lan)).flatMap((lan) => lans[lan] ?? []),
  );
  const wires = [vantage, targetHost].flatMap((host) => spec.hosts[host]?.interfaces ?? []);
  const uppers = wires.flatMap(({ link }) => ("router" in link ? upperAddresses(spec, link.router) : []));
  const found = [via ?? withoutZone(address), ...(shared.length > 0 ? own : []), ...gateways, ...uppers].map(withoutPrefix);
  return [...new Set(found.filter((each) => isIpv6(each) === (family === 6)))];
}
