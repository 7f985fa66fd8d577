/** The way of a new connection through a lab's routers: which NAT, filter or missing route ends it, and which address arrives. Pure. */
import type { Family } from "../../core/address.ts";
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import { type InterfaceSpec, type LabSpec, lansOf, leadsTo, wayOut } from "../../core/lab-spec.ts";
import { isLinkLocal, linkLocalOf, withoutZone } from "../../core/link-local.ts";

export type Way =
  | {
      arrives: true;
      /** Source address that the target host sees. */
      source: string;
      /** Destination after port forwards: address and port on the target host. */
      address: string;
      port: number;
      /** Interface of the target host by which it comes in. */
      by: string;
      /** Routers crossed. */
      over: string[];
    }
  | { arrives: false; at: string; because: "no-route" | "inbound-filter" | "no-port-forward" | "no-address"; over: string[] };

interface Destination {
  host: string;
  address: string;
  port: number;
  family: Family;
  /** The router whose public address `address` is, when it is not the host's own. */
  nat?: string;
  /** Address of the host on a LAN that both are on, used as next hop. */
  via?: string;
}

export function wayTo(spec: LabSpec, from: string, to: Destination): Way {
  const { address, port } = to;
  if (from === to.host) return { arrives: true, source: address, address, port, by: "lo", over: [] };
  if (isLinkLocal(address)) return acrossLan(spec, from, to);
  const lan = lanOf(spec, to.host, to.via ?? address);
  const source = ownAddress(spec, from, lan, to.family);
  if (source === undefined) return { arrives: false, at: from, because: "no-address", over: [] };
  const arrival = { arrives: true, address, port, by: interfaceTo(spec, to.host, lan, address) } as const;
  if (lan !== undefined && lansOf(spec, from).includes(lan)) return { ...arrival, source, over: [] };

  const up = routersAbove(spec, from, to.family);
  const entry = to.nat ?? routerOf(spec, to.host, to.address);
  const down = entry === undefined ? [] : [...chain(spec, entry)].reverse();
  // The way goes up to the first router that both sides share, then down.
  const meet = up.find((router) => down.includes(router));
  if (entry === undefined || meet === undefined)
    return { arrives: false, at: gatewayOf(spec, from) ?? from, because: "no-route", over: [] };
  const climbed = up.slice(0, up.indexOf(meet));
  const descended = down.slice(down.indexOf(meet) + 1);
  const over = [...climbed, meet, ...descended];
  const seen = to.family === 4 ? natted(spec, climbed, source) : source;

  const stop = stopBefore(spec, descended, to);
  if (stop) return { arrives: false, at: stop.because === "no-route" ? meet : stop.at, because: stop.because, over };
  if (to.nat !== undefined) return throughNat(spec, { ...to, nat: to.nat }, seen, over, descended.includes(to.nat));
  if (lan !== undefined && spec.lans[lan]?.isolated?.includes(to.family)) return { arrives: false, at: meet, because: "no-route", over };
  return { ...arrival, source: seen, over };
}

/** The way to a link-local address, from the link-local address of the interface in its zone. */
function acrossLan(spec: LabSpec, from: string, { host, address, port }: Destination): Way {
  const zone = address.slice(withoutZone(address).length + 1);
  const own = spec.hosts[from]?.interfaces.find(({ name }) => name === zone);
  const source = own && linkLocalOf(spec, from, own);
  const by = own && spec.hosts[host]?.interfaces.find((wire) => onSameLan(own, wire))?.name;
  if (source === undefined || by === undefined) return { arrives: false, at: from, because: "no-address", over: [] };
  return { arrives: true, source, address: withoutZone(address), port, by, over: [] };
}

function onSameLan(one: InterfaceSpec, other: InterfaceSpec): boolean {
  return "lan" in one.link && "lan" in other.link && one.link.lan === other.link.lan;
}

/** On the way down: a router that lets nobody in, up to the one whose public address is meant. */
function stopBefore(
  spec: LabSpec,
  descended: readonly string[],
  { family, nat }: Destination,
): { at: string; because: "no-route" | "inbound-filter" } | undefined {
  for (const at of descended) {
    if (at === nat) return undefined;
    const router = spec.routers[at];
    if (family === 4 && router?.nat === "masquerade") return { at, because: "no-route" };
    if (router?.inbound === "drop") return { at, because: "inbound-filter" };
  }
  return undefined;
}

/** Port forwards, from the outermost NAT inwards, lead to the host or nowhere. */
function throughNat(
  spec: LabSpec,
  to: { host: string; port: number; nat: string },
  source: string,
  over: string[],
  fromUplink: boolean,
): Way {
  let router: string = to.nat;
  let port = to.port;
  for (let hops = 0; hops < 16; hops++) {
    const next = fromUplink ? leadsTo(spec.routers[router], port) : undefined;
    if (!next) return { arrives: false, at: router, because: "no-port-forward", over };
    port = next.port;
    if (addressesOf(spec, to.host).includes(next.address)) {
      const by = interfaceTo(spec, to.host, lanOf(spec, to.host, next.address), next.address);
      return { arrives: true, source, address: next.address, port, by, over };
    }
    const inner = Object.keys(spec.routers).find((name) => spec.routers[name]?.uplink?.address === next.address);
    if (inner === undefined) return { arrives: false, at: router, because: "no-port-forward", over };
    router = inner;
  }
  return { arrives: false, at: router, because: "no-port-forward", over };
}

/** Each masquerading router on the way up puts its own address in; a router without one of its own keeps what it got. */
function natted(spec: LabSpec, climbed: readonly string[], source: string): string {
  return climbed.reduce((address, name) => {
    const router = spec.routers[name];
    return router?.nat === "masquerade" ? (router.uplink?.address ?? address) : address;
  }, source);
}

/** None: nothing leads out of the host's own networks. */
function routersAbove(spec: LabSpec, host: string, family: Family): string[] {
  const own = spec.hosts[host];
  const out = own && wayOut(spec, own, family);
  if (!out) return [];
  const router = "router" in out.link ? out.link.router : routerOfLan(spec, out.link.lan);
  return router === undefined ? [] : chain(spec, router);
}

/** Who says that there is no way. */
function gatewayOf(spec: LabSpec, host: string): string | undefined {
  const [lan] = lansOf(spec, host);
  return lan === undefined ? undefined : routerOfLan(spec, lan);
}

/** The router and all above it, the core last. */
function chain(spec: LabSpec, router: string): string[] {
  const found: string[] = [];
  for (let name: string | undefined = router; name !== undefined && !found.includes(name); name = spec.routers[name]?.uplink?.router) {
    found.push(name);
  }
  return found;
}

function routerOf(spec: LabSpec, host: string, address: string): string | undefined {
  const wire = spec.hosts[host]?.interfaces.find(({ addresses }) => addresses.some((each) => plain(each) === address));
  if (!wire) return undefined;
  return "router" in wire.link ? wire.link.router : routerOfLan(spec, wire.link.lan);
}

function routerOfLan(spec: LabSpec, lan: string): string | undefined {
  return Object.keys(spec.routers).find((name) => spec.routers[name]?.lans[lan] !== undefined);
}

function lanOf(spec: LabSpec, host: string, address: string): string | undefined {
  const wire = spec.hosts[host]?.interfaces.find(({ addresses }) => addresses.some((each) => plain(each) === address));
  if (wire && "lan" in wire.link) return wire.link.lan;
  // An address that the host is only text to have counts for the LAN whose network holds it.
  const parsed = parseAddress(address);
  return lansOf(spec, host).find((lan) =>
    [spec.lans[lan]?.ipv4, spec.lans[lan]?.ipv6].some((net) => {
      const network = net === undefined ? undefined : parseInterface(net);
      return network !== undefined && parsed !== undefined && contains(network, parsed);
    }),
  );
}

/** The host's interface on a LAN, or the one that has the address. */
function interfaceTo(spec: LabSpec, host: string, lan: string | undefined, address: string): string {
  const wires = spec.hosts[host]?.interfaces ?? [];
  const on = wires.find(({ link, addresses }) =>
    lan === undefined ? addresses.some((each) => plain(each) === address) : "lan" in link && link.lan === lan,
  );
  return (on ?? wires[0])?.name ?? "";
}

/** @param by one of the host's interfaces; left out: all */
export function addressesOf(spec: LabSpec, host: string, by?: string): string[] {
  const wires = spec.hosts[host]?.interfaces ?? [];
  return wires.filter(({ name }) => by === undefined || name === by).flatMap(({ addresses }) => addresses.map(plain));
}

/** The address of the interface that a packet leaves by: to a LAN that the host is on, or out of its networks. */
function ownAddress(spec: LabSpec, host: string, lan: string | undefined, family: Family): string | undefined {
  const own = spec.hosts[host];
  const shared = own?.interfaces.find(({ link }) => lan !== undefined && "lan" in link && link.lan === lan);
  const by = shared ?? (own && wayOut(spec, own, family));
  const isOf = (each: string) => each.includes(":") === (family === 6);
  return addressesOf(spec, host, by?.name).find(isOf) ?? addressesOf(spec, host).find(isOf);
}

/** `198.51.100.10/24` -> `198.51.100.10`. */
function plain(address: string): string {
  const [text = ""] = address.split("/", 1);
  return parseAddress(text)?.text ?? text;
}
