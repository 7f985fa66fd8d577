/** Which host of the lab a forward's target names, as the host that dials it understands the name. Pure. */
import { contains, isLoopback, parseAddress, parseInterface, withoutPrefix } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type LabSpec, lansOf, mainServer } from "../core/lab-spec.ts";
import { dialledNumber } from "../openssh/model/resolve.ts";
import { defaultFrom } from "./policy.ts";

/** Undefined when no host of the lab has that name or address. */
export function targetHost(spec: LabSpec, dialler: string, target: string): string | undefined {
  const called = Object.keys(spec.hosts).find((name) => sameName(name, target));
  if (called !== undefined) return called;
  const address = dialledNumber(target);
  if (/^(localhost|ip6-localhost|)$/i.test(target) || isLoopback(address ?? "")) return dialler;
  const owners = Object.entries(spec.hosts).filter(([, host]) =>
    host.interfaces.some(({ addresses }) =>
      addresses.some((each) => address !== undefined && dialledNumber(withoutPrefix(each)) === address),
    ),
  );
  const own =
    owners.find(([name]) => name === dialler) ??
    owners.find(([name]) => lansOf(spec, name).some((lan) => lansOf(spec, dialler).includes(lan)));
  const [name] = own ?? owners[0] ?? [];
  return name ?? named(spec, target, dialler);
}

function named(spec: LabSpec, target: string, dialler: string): string | undefined {
  const address = addressesOf(spec.names ?? {}, target)?.[0];
  return address === undefined ? undefined : targetHost(spec, dialler, address);
}

function addressesOf(names: Readonly<Record<string, string[]>>, name: string): string[] | undefined {
  return Object.entries(names).find(([each]) => sameName(each, name))?.[1];
}

/** As /etc/hosts has them: hosts(5) does not tell cases apart. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** How many addresses a name has for the hosts of the lab, which know it from /etc/hosts. A number is one. */
export function addressCount(spec: LabSpec, target: string): number {
  if (target === "" || sameName(target, "localhost")) return 2;
  const own = Object.entries(spec.hosts).find(([name]) => sameName(name, target))?.[1].interfaces ?? [];
  const addresses = [...(addressesOf(spec.names ?? {}, target) ?? []), ...own.flatMap((wire) => wire.addresses.map(withoutPrefix))];
  return Math.max(1, new Set(addresses).size);
}

/** A forward that leads to no host of the lab. */
export interface LostForward {
  name: string;
  /** Host that would dial. */
  dialler: string;
  target: string;
  /** What asks for it, e.g. ssh's arguments. */
  asked: string;
  place?: Place | undefined;
}

export function unknownTarget(spec: LabSpec, { name, dialler, target, asked, place }: LostForward): UserError {
  const known = Object.keys(spec.hosts);
  const entry = entryFor(spec, dialler, target);
  const own = parseAddress(target) && ownAddresses(dialler);
  return new UserError("forward-target", `forward ${name} leads to ${target}, which the lab does not have`, {
    fault: faultOf("target-unknown", { forward: name, host: target, known, entry, ...(own ? { dialler, own } : {}) }),
    ...(place ? { place } : {}),
    found: asked,
    expected: `localhost, or a host of the lab: ${known.join(", ")}`,
    todo: `add it under network.vantages (\`${entry}\`)${own ? `, or under ${own} if it is an address of ${dialler}'s own` : ""}; or correct the target`,
  });
}

/** As `network.vantages` may have it: on the LAN of the host that dials. */
function entryFor({ hosts }: LabSpec, dialler: string, target: string): string {
  const address = parseAddress(target);
  const wires = (hosts[dialler]?.interfaces ?? []).flatMap(({ name, addresses }) =>
    addresses.flatMap((text) => {
      const network = parseInterface(text);
      return network ? [{ name, network }] : [];
    }),
  );
  const wire = address && wires.find(({ network }) => contains(network, address));
  const lan = wire && dialler === mainServer ? wire.name : dialler;
  if (!address) return `${target.toLowerCase()}: { lan: ${lan} }`;
  const prefix = wire?.network.prefix ?? (address.family === 4 ? 24 : 64);
  return `target: { lan: ${lan}, address: ["${address.text}/${prefix}"] }`;
}

function ownAddresses(host: string): string | undefined {
  if (host === mainServer) return "network.server";
  return host === defaultFrom ? "network.home.address" : undefined;
}
