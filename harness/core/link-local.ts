/** The link-local IPv6 address that the lab gives a host on a LAN. Pure. */
import { type Family, fromNumber, parseInterface, toNumber } from "./address.ts";
import { type InterfaceSpec, ipv6SwitchedOff, type LabSpec } from "./lab-spec.ts";

const network = 0xfe80n << 112n;
const identifier = (1n << 64n) - 1n;
const family: Family = 6;

/** As the last parts of its first IPv6 address there (`2001:db8:100::10` -> `fe80::10`), else by its place on the LAN; undefined without IPv6 or off a LAN. */
export function linkLocalOf(spec: Pick<LabSpec, "hosts">, host: string, { name, link }: InterfaceSpec): string | undefined {
  if (!("lan" in link) || ipv6SwitchedOff(spec.hosts[host]?.sysctl, name)) return undefined;
  const members = Object.entries(spec.hosts).flatMap(([other, { interfaces }]) =>
    interfaces.flatMap((wire) =>
      "lan" in wire.link && wire.link.lan === link.lan ? [{ host: other, wire, own: ownIdentifier(wire) }] : [],
    ),
  );
  const at = members.findIndex((each) => each.host === host && each.wire.name === name);
  const own = members[at]?.own;
  const taken = members.slice(0, at).some((each) => each.own === own);
  return fromNumber(network + (own === undefined || taken ? 0xfd_0000n + BigInt(at + 1) : own), family).text;
}

/** Undefined: it has no IPv6 address, or one that names no host. */
function ownIdentifier({ addresses }: InterfaceSpec): bigint | undefined {
  const [first] = addresses.flatMap((text) => parseInterface(text) ?? []).filter((address) => address.family === family);
  const last = first && toNumber(first) & identifier;
  return last === 0n ? undefined : last;
}

/** An address without the interface by which it is dialled: `fe80::10%eth0` -> `fe80::10`. */
export function withoutZone(address: string): string {
  return address.split("%", 1)[0] ?? address;
}

/** In policies and tests, stands for all link-local addresses of a host: those in the lab differ from the real host's. */
export const anyLinkLocal = "link-local";

/** Is it dialled by an interface, as only a link-local address is? */
export function isLinkLocal(addressOrTarget: string): boolean {
  return addressOrTarget.includes("%");
}
