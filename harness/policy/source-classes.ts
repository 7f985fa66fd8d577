/**
 * The whole source address space of the servers' firewalls, cut into classes that no rule distinguishes, with a vantage point for each: one that the
 * lab has anyway, or one made for it.
 */
import {
  type Address,
  contains,
  type Family,
  fromNumber,
  isHostAddress,
  parseAddress,
  parseInterface,
  privateNetworks,
  toNumber,
  withoutPrefix,
} from "../core/address.ts";
import { type AddressRange, classesOf, everyAddress, holdsAddress, parseRange, prefixesOf, sizeOf } from "../core/address-range.ts";
import { natOf } from "../core/cells.ts";
import { merged } from "../core/interval.ts";
import { type HostSpec, isServer, type LabSpec, lansOf, mainServer } from "../core/lab-spec.ts";
import { linkLocalOf } from "../core/link-local.ts";
import type { NamedAddresses } from "../firewall/named-addresses.ts";

/** Addresses that every rule of the firewall treats alike, and who stands for them. */
export interface SourceClass {
  family: Family;
  /** All of them, as the fewest prefixes. */
  prefixes: string[];
  /** Host of the lab. */
  vantage: string;
  /** The one of them that its packets come from, as the server sees it. */
  address: string;
  /** No rule and no list names any of them: the rest of the address space. */
  rest?: true;
}

/** Addresses that no vantage point stands for, and why: nobody outside has them, the lab's own hosts and routers have them all, or they belong to other neighbours. */
export interface UncoveredClass {
  family: Family;
  prefixes: string[];
  because: "private" | "taken" | "link-local";
}

export interface SourceClasses {
  classes: SourceClass[];
  uncovered: UncoveredClass[];
  /** Rules that distinguish sources by more than their addresses: behind these a class may not be alike throughout. */
  inexact: NamedAddresses["inexact"];
}

/** Prefixes of the classes that no network of a server leads to. */
export function elsewhere({ uncovered }: Pick<SourceClasses, "uncovered">): string[][] {
  return uncovered.flatMap(({ because, prefixes }) => (because === "private" ? [prefixes] : []));
}

/** Addresses that no packet from elsewhere can have as its source, RFC 6890 and RFC 4291: loopback, link-local, multicast, reserved, mapped. */
const noSource: Record<Family, string[]> = {
  4: ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"],
  // Of IPv6 only 2000::/3 is assigned to hosts, and fc00::/7 to sites.
  6: ["::/3", "4000::/2", "8000::/2", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/7"],
};

/**
 * @param clients hosts that run ssh: of them nothing may be expected, so they stand for nobody
 * @param networks by vantage point: all that it stands for besides its own address, whatever else the firewall treats alike
 * @param servers those whose firewalls are covered
 * @param routed private addresses that come to the servers through a router, although no network of the lab has them
 * @returns the classes, and the lab with a host more for each that none of its hosts stands for
 */
export function withSourceClasses(
  spec: LabSpec,
  named: NamedAddresses,
  clients: readonly string[],
  networks: Readonly<Record<string, readonly AddressRange[]>> = {},
  servers: readonly string[] = [mainServer],
  routed: readonly (readonly AddressRange[])[] = [],
): { spec: LabSpec; sources: SourceClasses } {
  const sources: SourceClasses = { classes: [], uncovered: [], inexact: named.inexact };
  const hosts: Record<string, HostSpec> = { ...spec.hosts };
  for (const family of [4, 6] as const) {
    const known = vantagesOf(spec, family, servers).filter(({ vantage }) => !clients.includes(vantage));
    const stated = known.flatMap(({ vantage, address }) => {
      const network = networks[vantage];
      return network ? [[...network, single(address)]] : [];
    });
    for (const group of sourcesOf(spec, family, servers, [...named.groups, ...stated])) {
      const { ranges, isPrivate, rest } = group;
      const prefixes = prefixesOf(ranges);
      const nobodys = isPrivate && !routed.some((each) => !coversAll(family, each) && isWithin(ranges, each));
      const stands = standsFor(spec, { ...group, nobodys }, known);
      if (!stands) {
        sources.uncovered.push({ family, prefixes, because: nobodys ? "private" : "taken" });
        continue;
      }
      const { vantage, address, wire } = stands;
      if (wire) hosts[vantage] = { kind: "namespace", standIn: true, families: [family], interfaces: [{ name: "eth0", ...wire }] };
      sources.classes.push({ family, prefixes, vantage, address, ...(rest ? { rest } : {}) });
    }
  }
  sources.uncovered.push(...otherLinkLocal(spec, named.groups, servers));
  return { spec: { ...spec, hosts }, sources };
}

/** Link-local addresses that rules distinguish from those of the lab's neighbours. Which ones real neighbours have is unknown. */
function otherLinkLocal(spec: LabSpec, groups: NamedAddresses["groups"], servers: readonly string[]): UncoveredClass[] {
  const family: Family = 6;
  const every = parseRange("fe80::/64");
  const classes = classesOf(family, [every ? [every] : [], ...groups]).filter(({ sets }) => sets.includes(0));
  if (classes.length <= 1) return [];
  const own = linkLocalNeighbours(spec, servers);
  const others = classes.filter(({ ranges }) => !own.some((address) => holdsAddress(ranges, address)));
  return others.map(({ ranges }) => ({ family, prefixes: prefixesOf(ranges), because: "link-local" }));
}

function linkLocalNeighbours(spec: LabSpec, servers: readonly string[]): Address[] {
  const lans = servers.flatMap((server) => lansOf(spec, server));
  return Object.entries(spec.hosts)
    .filter(([host]) => servers.length > 1 || !servers.includes(host))
    .flatMap(([host, { interfaces }]) =>
      interfaces.filter(({ link }) => "lan" in link && lans.includes(link.lan)).map((wire) => ({ host, wire })),
    )
    .flatMap(({ host, wire }) => parseAddress(linkLocalOf(spec, host, wire) ?? "") ?? []);
}

interface Sources {
  ranges: AddressRange[];
  /** The server's LAN that they belong to; undefined: they come through a router. */
  lan: string | undefined;
  /** No network of a server has them, and nobody on the internet does. */
  isPrivate: boolean;
  rest: boolean;
}

/** The classes of a family, without addresses that cannot be a source. */
function sourcesOf(spec: LabSpec, family: Family, servers: readonly string[], groups: readonly (readonly AddressRange[])[]): Sources[] {
  const lans = lansOfServers(spec, family, servers);
  if (lans.length === 0) return [];
  const fixed = [noSource[family], privateNetworks].map((texts) => texts.flatMap((text) => parseRange(text) ?? []));
  const telling = groups.filter((group) => !coversAll(family, group));
  const classes = classesOf(family, [...fixed, ...lans.map(({ network }) => [network]), ...telling]);
  return classes.flatMap(({ ranges, sets }) => {
    const lan = lans.find((_, at) => sets.includes(fixed.length + at))?.lan;
    return lan === undefined && sets.includes(0)
      ? []
      : [{ ranges, lan, isPrivate: lan === undefined && sets.includes(1), rest: sets.length === 0 }];
  });
}

/** Classes are cut by each group: it holds all of one, or nothing. */
function isWithin([first]: readonly AddressRange[], group: readonly AddressRange[]): boolean {
  return first !== undefined && holdsAddress(group, fromNumber(first.first, first.family));
}

/** `0.0.0.0/0` names nobody. */
function coversAll(family: Family, group: readonly AddressRange[]): boolean {
  return sizeOf(merged(group.filter((each) => each.family === family))) === sizeOf([everyAddress(family)]);
}

/** The servers' networks of a family. */
function lansOfServers(spec: LabSpec, family: Family, servers: readonly string[]): { lan: string; network: AddressRange }[] {
  return [...new Set(servers.flatMap((host) => lansOf(spec, host)))].flatMap((lan) => {
    const network = parseRange(networkText(spec, lan, family) ?? "");
    return network ? [{ lan, network }] : [];
  });
}

/** Two LANs of servers whose networks overlap, as private networks behind different NATs may; undefined: no address is on more than one. */
export function sameAddresses(spec: LabSpec, servers: readonly string[]): string[] | undefined {
  for (const family of [4, 6] as const) {
    const lans = lansOfServers(spec, family, servers);
    for (const [at, { lan, network }] of lans.entries()) {
      const other = lans.slice(0, at).find((each) => each.network.first <= network.last && network.first <= each.network.last);
      if (other) return [other.lan, lan];
    }
  }
  return undefined;
}

function networkText(spec: LabSpec, lan: string, family: Family): string | undefined {
  return family === 4 ? spec.lans[lan]?.ipv4 : spec.lans[lan]?.ipv6;
}

/**
 * Each host, except a sole server, with the address by which the servers see it; the internet first, servers last. `lan`: the LAN that it shares with
 * a server.
 */
export function vantagesOf(
  spec: LabSpec,
  family: Family,
  servers: readonly string[] = [mainServer],
): { vantage: string; address: Address; lan: string | undefined }[] {
  const lans = lansOfServers(spec, family, servers).map(({ lan }) => lan);
  const rank = (name: string) => ["internet", name].indexOf(name) + Number(isServer(spec, name));
  return Object.entries(spec.hosts)
    .filter(([name]) => servers.length > 1 || name !== servers[0])
    .flatMap(([vantage, { interfaces }]) =>
      interfaces.flatMap((wire): { vantage: string; address: Address; lan: string | undefined }[] => {
        const own = wire.addresses.flatMap(plain).find((one) => one.family === family);
        if (!own) return [];
        const lan = "lan" in wire.link ? wire.link.lan : undefined;
        if (lan !== undefined && lans.includes(lan)) return [{ vantage, address: own, lan }];
        const nat = family === 4 && lan !== undefined ? natOf(spec, lan) : undefined;
        const seen = nat ? parseAddress(nat.address) : own;
        return seen ? [{ vantage, address: seen, lan: undefined }] : [];
      }),
    )
    .sort((one, other) => rank(one.vantage) - rank(other.vantage));
}

function plain(text: string): Address[] {
  const address = parseAddress(withoutPrefix(text));
  return address ? [address] : [];
}

function single(address: Address): AddressRange {
  return { family: address.family, first: toNumber(address), last: toNumber(address) };
}

/** A host of the lab, or one to be made for it, which is named by its address. Undefined: nobody can have such an address. */
function standsFor(
  spec: LabSpec,
  { ranges, lan, isPrivate, nobodys }: Sources & { nobodys: boolean },
  known: ReturnType<typeof vantagesOf>,
): { vantage: string; address: string; wire?: Wire } | undefined {
  const [host, ...others] = known.filter((one) => one.lan === lan && holdsAddress(ranges, one.address));
  if (host && !isServer(spec, host.vantage)) return { vantage: host.vantage, address: host.address.text };
  const made = nobodys ? undefined : representative(spec, ranges, { lan, isPrivate });
  if (made) return { vantage: made.address.text, address: made.address.text, wire: made.wire };
  // A server's own rules filter what it sends: it represents nobody else.
  return host && others.length === 0 ? { vantage: host.vantage, address: host.address.text } : undefined;
}

type Wire = Pick<HostSpec["interfaces"][number], "link" | "addresses">;

/** The first free address of the class that a host can have, and where such a host is connected: to the LAN that it belongs to, or to the internet. */
function representative(
  spec: LabSpec,
  ranges: readonly AddressRange[],
  place: Pick<Sources, "lan" | "isPrivate">,
): { address: Address; wire: Wire } | undefined {
  const taken = takenAddresses(spec);
  for (const range of ranges) {
    for (const address of candidates(range)) {
      const wire = taken.has(address.text) ? undefined : wireFor(spec, address, place);
      if (wire) return { address, wire };
    }
  }
  return undefined;
}

/** The first address of a network is seldom anybody's. No lab takes more than so many of those that follow. */
function* candidates({ family, first, last }: AddressRange): Generator<Address> {
  const from = last - first > 2n ? first + 1n : first;
  for (let value = from; value <= last && value < from + 512n; value++) yield fromNumber(value, family);
}

/** Where a host with this address is connected, as the server would look for it. Undefined: a host or router of the lab has it, or no host can. */
export function wireAt(spec: LabSpec, address: Address): Wire | undefined {
  const { family } = address;
  if (takenAddresses(spec).has(address.text)) return undefined;
  const isIn = (texts: readonly string[]) =>
    holdsAddress(
      texts.flatMap((text) => parseRange(text) ?? []),
      address,
    );
  const lan = lansOfServers(spec, family, [mainServer]).find(({ network }) => holdsAddress([network], address))?.lan;
  return isIn(noSource[family]) ? undefined : wireFor(spec, address, { lan, isPrivate: isIn(privateNetworks) });
}

/** Undefined: no host of that LAN can have the address. */
function wireFor(spec: LabSpec, address: Address, { lan: serverLan, isPrivate }: Pick<Sources, "lan" | "isPrivate">): Wire | undefined {
  const lan = serverLan ?? (isPrivate ? undefined : lanAround(spec, address));
  const network = lan === undefined ? undefined : parseInterface(networkText(spec, lan, address.family) ?? "");
  if (lan === undefined || !network) return { link: { router: core(spec) }, addresses: [address.text] };
  return isHostAddress(network, toNumber(address)) ? { link: { lan }, addresses: [`${address.text}/${network.prefix}`] } : undefined;
}

/** A LAN whose addresses are the internet's, too: not one behind NAT. */
function lanAround(spec: LabSpec, address: Address): string | undefined {
  return Object.keys(spec.lans).find((lan) => {
    const network = parseInterface(networkText(spec, lan, address.family) ?? "");
    return network && contains(network, address);
  });
}

function takenAddresses(spec: LabSpec): Set<string> {
  const texts = [
    ...Object.values(spec.hosts).flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses)),
    ...Object.values(spec.routers).flatMap(({ lans, uplink }) => [...Object.values(lans).flat(), uplink?.address ?? ""]),
  ];
  return new Set(texts.flatMap(plain).map(({ text }) => text));
}

function core(spec: LabSpec): string {
  return Object.keys(spec.routers).find((name) => !spec.routers[name]?.uplink) ?? "core";
}
