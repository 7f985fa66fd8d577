/** The way of a new connection through a lab's routers: which NAT, filter or missing route ends it, and which address arrives. Pure. */
import type { Family } from "../../core/address.ts";
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import { type LabSpec, lansOf, leadsTo, type RouterSpec } from "../../core/lab-spec.ts";

export type Way =
  | {
      arrives: true;
      /** Source address that the target host sees. */
      source: string;
      /** Destination after port forwards: address and port on the target host. */
      address: string;
      port: number;
      /** Routers crossed. */
      over: string[];
    }
  | { arrives: false; at: string; because: "no-route" | "inbound-filter" | "no-port-forward" | "no-address"; over: string[] };

/** @param nat the router whose public address `address` is, when it is not the host's own */
export function wayTo(spec: LabSpec, from: string, to: { host: string; address: string; port: number; family: Family; nat?: string }): Way {
  const source = ownAddress(spec, from, to.family);
  if (from === to.host) return { arrives: true, source: to.address, address: to.address, port: to.port, over: [] };
  if (source === undefined) return { arrives: false, at: from, because: "no-address", over: [] };
  const lan = lanOf(spec, to.host, to.address);
  if (lan !== undefined && lansOf(spec, from).includes(lan)) return { arrives: true, source, address: to.address, port: to.port, over: [] };

  const up = routersAbove(spec, from);
  const entry = to.nat ?? routerOf(spec, to.host, to.address);
  const down = entry === undefined ? [] : [...chain(spec, entry)].reverse();
  // The way goes up to the first router that both sides share, then down.
  const meet = up.find((router) => down.includes(router));
  if (entry === undefined || meet === undefined) return { arrives: false, at: from, because: "no-route", over: [] };
  const climbed = up.slice(0, up.indexOf(meet));
  const descended = down.slice(down.indexOf(meet) + 1);
  const over = [...climbed, meet, ...descended];
  const seen = to.family === 4 ? natted(spec, climbed, source) : source;

  for (const name of descended) {
    const router = spec.routers[name] as RouterSpec;
    if (name === to.nat) break;
    if (to.family === 4 && router.nat === "masquerade") return { arrives: false, at: meet, because: "no-route", over };
    if (router.inbound === "drop") return { arrives: false, at: name, because: "inbound-filter", over };
  }
  if (to.nat !== undefined) return throughNat(spec, { ...to, nat: to.nat }, seen, over, descended.includes(to.nat));
  if (lan !== undefined && spec.lans[lan]?.isolated?.includes(to.family)) return { arrives: false, at: meet, because: "no-route", over };
  return { arrives: true, source: seen, address: to.address, port: to.port, over };
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
    if (addressesOf(spec, to.host).includes(next.address)) return { arrives: true, source, address: next.address, port, over };
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

function routersAbove(spec: LabSpec, host: string): string[] {
  const [first] = spec.hosts[host]?.interfaces ?? [];
  if (!first) return [];
  const router = "router" in first.link ? first.link.router : routerOfLan(spec, first.link.lan);
  return router === undefined ? [] : chain(spec, router);
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

function addressesOf(spec: LabSpec, host: string): string[] {
  return (spec.hosts[host]?.interfaces ?? []).flatMap(({ addresses }) => addresses.map(plain));
}

function ownAddress(spec: LabSpec, host: string, family: Family): string | undefined {
  return addressesOf(spec, host).find((each) => each.includes(":") === (family === 6));
}

/** `198.51.100.10/24` -> `198.51.100.10`. */
function plain(address: string): string {
  const [text = ""] = address.split("/", 1);
  return parseAddress(text)?.text ?? text;
}
