/** Which probes a lab's forwards ask for: each vantage point, and each address of the listening host that it can name. Pure; carries no expectation. */
import { type Address, type Family, formatTarget, isLoopback, isPrivate, parseAddress, parseInterface, parseTarget } from "./address.ts";
import { compareText } from "./compare-text.ts";
import type { SocksTarget } from "./forward-outcome.ts";
import {
  type HostSpec,
  type InterfaceSpec,
  ipv6SwitchedOff,
  type LabSpec,
  lansOf,
  leadsTo,
  publishedPorts,
  takesLoopback,
  wayOut,
} from "./lab-spec.ts";
import { linkLocalOf, withoutZone } from "./link-local.ts";
import { remembered } from "./remembered.ts";
import { socketTarget } from "./verdict.ts";

/** Where a forward's listener is to be looked for. */
export interface ForwardListening {
  forward: string;
  /** Host of the lab: `server` for -R, the one that runs ssh for -L and -D. */
  host: string;
  /** 0 for a Unix socket. */
  port: number;
  /** Of a port: it is looked for behind a NAT also where the NAT leads its own port of that number to another one. */
  named?: true;
  /**
   * For a port: neighbours also dial the host's link-local address, because rules may let in there what they stop elsewhere, or because it was requested.
   * `alone`: only on LANs where the host has no other IPv6 address.
   */
  linkLocal?: "everywhere" | "alone";
  /** For a port: a loopback address other than 127.0.0.1 that the listener is bound to (`-R 127.3.0.1:8080:…`); all of 127.0.0.0/8 is the host itself. */
  loopback?: string;
  /** Of a port: accounts of `host` that connect there, besides root. */
  accounts?: readonly string[];
  /** Set for a Unix socket: where it listens, and the accounts of `host` that try to open it, the one that listens first. */
  socket?: { path: string; accounts: readonly string[] };
}

/** How the vantage point names the listening host. */
export type TargetScope = "loopback" | "own" | "lan" | "neighbour" | "routed" | "nat" | "socket";

/** One probe to make. */
export interface Cell {
  forward: string;
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** Address to dial, without brackets; link-local: with the interface of the vantage point (`fe80::10%eth0`); a Unix socket's path. */
  address: string;
  /** 0 for a Unix socket. */
  port: number;
  /** `address:port`, IPv6 in brackets; `/path as account` for a Unix socket; behind it ` → host:port` where a SOCKS proxy is asked for a stated target. */
  target: string;
  scope: TargetScope;
  /** Host of the lab that listens. */
  listensOn: string;
  /** False: the network itself leads no packet there, as the vantage point has no address of the family, or the LAN of either is not routed. */
  routed: boolean;
  /** Account of the listening host that connects. Scope `socket`: left out for another host, which cannot name the path. A port: left out for root. */
  as?: string;
  /**
   * For scope `neighbour`: the listening host's address on the LAN it shares with the vantage point, used as next hop. Linux takes packets for any of
   * its addresses on any of its interfaces (the weak host model, RFC 1122, 3.3.4.2), so a bind address on another interface is no protection there.
   */
  via?: string;
  /** `as` is the account that listens. */
  owner?: boolean;
  /** The router whose public address this is, for scope `nat`. */
  nat?: string;
  /** Another port than the forward's: a rule of the listening host leads it there. */
  moved?: true;
  /** What the SOCKS proxy that listens there is asked for. `inLab`: some host of the lab has that name or address. Left out: a service of the lab's own choice. */
  socks?: SocksTarget & { inLab: boolean };
}

/**
 * The cells of all forwards listed in `listening`, sorted: one per forward, vantage point and address of the listening host that
 * the vantage point can name. A Unix socket has one for each account of the listening host; nobody else could name it.
 * @param vantages left out: all hosts
 */
export function cellsOf(
  spec: LabSpec,
  listening: readonly ForwardListening[],
  vantages: readonly string[] = Object.keys(spec.hosts),
): Cell[] {
  return listening
    .flatMap((each) => (each.socket ? socketCells(each, each.socket) : portCells(spec, each, vantages)))
    .filter(({ vantage }) => vantages.includes(vantage))
    .sort(compareCells);
}

function portCells(spec: LabSpec, listening: ForwardListening, vantages: readonly string[]): Cell[] {
  const { forward, host, port, accounts = [], named = false, linkLocal, loopback } = listening;
  return vantages.flatMap((vantage) =>
    [...targetsOf(spec, vantage, host, loopback), ...(linkLocal ? linkLocalTargets(spec, vantage, host, linkLocal) : [])].flatMap(
      (target) => {
        const { address, family, scope, nat, via, routed } = target;
        if (spec.hosts[vantage]?.families?.includes(family) === false) return [];
        const asked = nat === undefined ? [port] : outsidePorts(spec, nat, host, port, named);
        // Root, then the requested accounts.
        const openers = vantage === host ? [undefined, ...accounts] : [undefined];
        return asked.flatMap((at) =>
          openers.map(
            (as): Cell => ({
              forward,
              vantage,
              family,
              address,
              port: at,
              target: formatTarget(address, at),
              scope,
              listensOn: host,
              routed,
              ...(nat === undefined ? {} : { nat }),
              ...(via === undefined ? {} : { via }),
              ...(as === undefined ? {} : { as }),
            }),
          ),
        );
      },
    ),
  );
}

/** Ports of a NAT's public address to dial: those that lead to the listener, or its own number where none does and nothing else has it (or all the same, `named`). */
function outsidePorts(spec: LabSpec, nat: string, host: string, port: number, named: boolean): number[] {
  const router = spec.routers[nat];
  const addresses = (spec.hosts[host]?.interfaces ?? []).flatMap(addressesOf).map(({ text }) => text);
  const published = publishedPorts(router, addresses, port);
  return published.length > 0 || (leadsTo(router, port) && !named) ? published : [port];
}

function socketCells({ forward, host }: ForwardListening, { path, accounts }: NonNullable<ForwardListening["socket"]>): Cell[] {
  return accounts.map((as, index) => ({
    forward,
    vantage: host,
    family: null,
    address: path,
    port: 0,
    target: socketTarget(path, as),
    scope: "socket",
    listensOn: host,
    routed: true,
    as,
    owner: index === 0,
  }));
}

/** How a SOCKS proxy and what it is asked for stand in results: `192.0.2.1:1080 → db:5432`. */
export function proxiedTarget(proxy: string, { host, port }: { host: string; port: number }): string {
  return `${proxy} → ${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The listener's part of a cell's target, and what the SOCKS proxy there is asked for. */
export function splitTarget(target: string): { listener: string; socks?: string } {
  const [listener = target, socks] = target.split(" → ");
  return socks === undefined ? { listener } : { listener, socks };
}

export interface Target {
  address: string;
  family: Family;
  scope: TargetScope;
  nat?: string;
  via?: string;
  /** False: the network itself leads no packet there, as the vantage point has no address of the family, or the LAN of either is not routed. */
  routed: boolean;
}

const known = new WeakMap<LabSpec, Map<string, readonly Target[]>>();

/**
 * The addresses by which a vantage point can name a host, each once; where they share a LAN, the host's addresses elsewhere once more, with the host itself
 * as next hop. Every forward asks for them: of each pair of hosts they are found out once.
 * @param loopback another loopback address of the host
 */
export function targetsOf(spec: LabSpec, vantage: string, listeningHost: string, loopback?: string): readonly Target[] {
  const usual = usualTargets(spec, vantage, listeningHost);
  if (loopback === undefined) return usual;
  const other = vantage === listeningHost ? [target({ text: loopback, family: 4 }, "own")] : [];
  // Who can send packets to 127.0.0.1 can also send them to this address.
  const letIn = usual.flatMap((each) => (each.via !== undefined && each.address === "127.0.0.1" ? [{ ...each, address: loopback }] : []));
  return [...usual, ...other, ...letIn];
}

/** The address, if it is a loopback address other than those that are always probed; otherwise undefined. */
export function otherLoopback(address: string | undefined): string | undefined {
  return address !== undefined && address !== "127.0.0.1" && /^127\./.test(address) ? parseAddress(address)?.text : undefined;
}

function usualTargets(spec: LabSpec, vantage: string, listeningHost: string): readonly Target[] {
  const ofSpec = known.get(spec) ?? new Map<string, readonly Target[]>();
  known.set(spec, ofSpec);
  const pair = `${vantage} ${listeningHost}`;
  const targets = ofSpec.get(pair) ?? findTargets(spec, vantage, listeningHost);
  ofSpec.set(pair, targets);
  return targets;
}

function findTargets(spec: LabSpec, vantage: string, listeningHost: string): Target[] {
  const host = spec.hosts[listeningHost];
  const viewer = spec.hosts[vantage];
  if (!host || !viewer) return [];
  const own = vantage === listeningHost;
  const named = own ? ownTargets(host) : host.interfaces.flatMap((wire) => targetsFromOutside(spec, vantage, wire));
  const routed = named.map((target) => ({
    ...target,
    routed: target.routed && (target.scope === "loopback" || sends(spec, viewer, target)),
  }));
  return own ? eachOnce(routed) : [...eachOnce(routed), ...neighbourTargets(spec, vantage, listeningHost)];
}

function ownTargets(host: HostSpec): Target[] {
  const loopback = ["127.0.0.1", ...(ipv6SwitchedOff(host.sysctl, "lo") ? [] : ["::1"])].flatMap((text) => parseAddress(text) ?? []);
  return [...loopback.map((one) => target(one, "loopback")), ...host.interfaces.flatMap(addressesOf).map((one) => target(one, "own"))];
}

/** How another host names the addresses of an interface: as they are on a shared LAN, by the NAT before private ones, routed otherwise. */
function targetsFromOutside(spec: LabSpec, vantage: string, wire: InterfaceSpec): Target[] {
  const lan = "lan" in wire.link ? wire.link.lan : undefined;
  if (lan === undefined) return addressesOf(wire).map((one) => target(one, "routed"));
  if (lansOf(spec, vantage).includes(lan)) return addressesOf(wire).map((one) => target(one, "lan"));
  const nat = natOf(spec, lan);
  return addressesOf(wire).flatMap((one) => {
    if (!nat || one.family !== 4 || !isPrivate(one))
      return [{ ...target(one, "routed"), routed: !spec.lans[lan]?.isolated?.includes(one.family) }];
    const outside = parseAddress(nat.address);
    return outside ? [{ ...target(outside, "nat"), nat: nat.router }] : [];
  });
}

function target({ text, family }: Pick<Address, "text" | "family">, scope: TargetScope): Target {
  return { address: text, family, scope, routed: true };
}

/** Whether the vantage point has an address of the family, and for an address beyond its own networks a way out of them. */
function sends(spec: LabSpec, viewer: HostSpec, { family, scope }: Target): boolean {
  return scope === "routed" || scope === "nat" ? wayOut(spec, viewer, family) !== undefined : speaks(viewer, family);
}

function speaks(host: HostSpec, family: Family): boolean {
  return host.interfaces.some((wire) => wire.addresses.some((text) => text.includes(":") === (family === 6)));
}

function eachOnce(targets: readonly Target[]): Target[] {
  const seen = new Set<string>();
  return targets.filter(({ address }) => !seen.has(address) && seen.add(address));
}

/**
 * The host's addresses on other networks than the shared LAN, reached over the shared LAN; its loopback address, too, where its kernel lets that in. The
 * neighbour needs a kernel that takes the answer: only one that runs nothing else is given one.
 */
function neighbourTargets(spec: LabSpec, vantage: string, listeningHost: string): Target[] {
  const { interfaces: wires = [], sysctl } = spec.hosts[listeningHost] ?? {};
  const isShared = (wire: InterfaceSpec) => "lan" in wire.link && lansOf(spec, vantage).includes(wire.link.lan);
  const shared = wires.filter(isShared);
  const through = (hops: readonly InterfaceSpec[]) => (address: Address) => {
    const hop = hops.flatMap(addressesOf).find(({ family }) => family === address.family);
    return hop ? [{ address: address.text, family: address.family, scope: "neighbour" as const, via: hop.text, routed: true }] : [];
  };
  const open = spec.hosts[vantage]?.kind === "namespace" ? shared.filter(({ name }) => takesLoopback(sysctl, name)) : [];
  return [
    ...wires
      .filter((wire) => !isShared(wire))
      .flatMap(addressesOf)
      .flatMap(through(shared)),
    ...["127.0.0.1"].flatMap((text) => parseAddress(text) ?? []).flatMap(through(open)),
  ];
}

/** The host's link-local addresses on LANs that both share, as the neighbour dials them. Who stands for some addresses alone has no such address to show. */
export function linkLocalTargets(
  spec: LabSpec,
  vantage: string,
  listeningHost: string,
  where: NonNullable<ForwardListening["linkLocal"]> = "everywhere",
): Target[] {
  const viewer = spec.hosts[vantage];
  if (vantage === listeningHost || !viewer || viewer.families) return [];
  const { interfaces: wires = [] } = spec.hosts[listeningHost] ?? {};
  const asked = where === "everywhere" ? wires : wires.filter((wire) => addressesOf(wire).every(({ family }) => family === 4));
  return asked.flatMap((wire) =>
    viewer.interfaces.flatMap((own): Target[] => {
      if (!("lan" in wire.link && "lan" in own.link && wire.link.lan === own.link.lan)) return [];
      const address = linkLocalOf(spec, vantage, own) && linkLocalOf(spec, listeningHost, wire);
      return address === undefined ? [] : [{ address: `${address}%${own.name}`, family: 6, scope: "neighbour", routed: true }];
    }),
  );
}

function addressesOf(wire: InterfaceSpec): Address[] {
  return wire.addresses.flatMap((text) => parseInterface(text) ?? parseAddress(text) ?? []);
}

/** The outermost NAT between a LAN and the internet core, with the address it is seen by. */
export function natOf(spec: LabSpec, lan: string): { router: string; address: string } | undefined {
  let name = Object.keys(spec.routers).find((router) => spec.routers[router]?.lans[lan] !== undefined);
  let outermost: { router: string; address: string } | undefined;
  for (let hops = 0; name !== undefined && hops < 16; hops++) {
    const router = spec.routers[name];
    if (router?.nat === "masquerade" && router.uplink?.address !== undefined) outermost = { router: name, address: router.uplink.address };
    name = router?.uplink?.router;
  }
  return outermost;
}

const wellKnown = ["server", "campus", "home", "home-lan", "other-lan"];

/** Vantage points from the nearest to the server to the farthest: the well-known ones, further ones by name, the internet. */
export function compareVantages(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || compareNames(one, other);
}

function rankOf(vantage: string): number {
  if (vantage === "internet") return wellKnown.length + 1;
  return wellKnown.includes(vantage) ? wellKnown.indexOf(vantage) : wellKnown.length;
}

/** What tells a cell from every other one of the same run. */
export type CellName = Pick<Cell, "forward" | "vantage" | "family" | "target" | "via" | "as">;

/** The same text for the same cell, in every run. */
export function cellKey({ forward, vantage, target, via, as }: CellName): string {
  return JSON.stringify([forward, vantage, target, via ?? "", as ?? ""]);
}

/** Order of cells everywhere: by forward, vantage, family, target. Needs nothing but the cells, so merged results sort alike. */
export function compareCells(one: CellName, other: CellName): number {
  return (
    compareNames(one.forward, other.forward) ||
    compareVantages(one.vantage, other.vantage) ||
    (one.family ?? 0) - (other.family ?? 0) ||
    compareTargets(one.target, other.target) ||
    compareText(one.via ?? "", other.via ?? "") ||
    compareText(one.as ?? "", other.as ?? "")
  );
}

function compareTargets(one: string, other: string): number {
  return compareText(sortKey(one), sortKey(other)) || compareText(one, other);
}

/** Sorting thousands of cells compares few addresses, each very often: by a target without its port. */
const sortKeyOfStem = remembered(10_000, (stem) => {
  const parts = parseTarget(stem);
  const address = parts ? parseAddress(withoutZone(parts.address)) : undefined;
  const loopback = parts !== undefined && isLoopback(parts.address);
  return `${loopback ? 0 : 1}${(address?.bytes ?? []).map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
});

function sortKey(target: string): string {
  return sortKeyOfStem(target.replace(/:\d+$/, ":0"));
}

/** As people count: `f2` before `f10`. */
function compareNames(one: string, other: string): number {
  // Most cells stand beside others of their forward.
  if (one === other) return 0;
  const parts = (name: string) => name.split(/(\d+)/);
  const others = parts(other);
  for (const [at, part] of parts(one).entries()) {
    const against = others[at];
    if (against === undefined) return 1;
    const difference = (at % 2 === 1 ? Number(part) - Number(against) : 0) || compareText(part, against);
    if (difference !== 0) return difference;
  }
  return parts(one).length - others.length;
}
