/** The lab's network as a graph: what is wired to what, and the way from one host to another. */
import type { Result } from "../../core/result.ts";

export type Topology = Result["topology"];

export type NodeKind = "host" | "router" | "lan";

export interface NetworkNode {
  /** `host:server`, `lan:server-lan`. */
  id: string;
  kind: NodeKind;
  name: string;
  /** Of a host and a router their addresses, of a LAN its networks; IPv4 first. */
  addresses: string[];
  nat: boolean;
  /** Drops connections that come from outside. */
  dropsInbound: boolean;
  /** The router that has no uplink: the internet's core. */
  core: boolean;
}

export interface Network {
  nodes: Map<string, NetworkNode>;
  /** Both ways. */
  wires: Map<string, string[]>;
  /** Where a node hangs in the picture. The core hangs nowhere. */
  parents: Map<string, string>;
}

export function hostId(name: string): string {
  return `host:${name}`;
}

/** @param strangers vantage points without a host of their own: they stand on the internet */
export function networkOf(topology: Topology, strangers: readonly string[] = []): Network {
  const network: Network = { nodes: new Map(), wires: new Map(), parents: new Map() };
  const core = `router:${Object.keys(topology.routers).find((name) => !topology.routers[name]?.uplink) ?? "core"}`;
  for (const [name, lan] of Object.entries(topology.lans))
    add(network, "lan", name, { addresses: [lan.ipv4, lan.ipv6].filter((each) => each !== undefined) });
  for (const [name, router] of Object.entries(topology.routers)) {
    const addresses = [
      ...(router.uplink?.address === undefined ? [] : [router.uplink.address]),
      ...Object.values(router.lans).flat().map(withoutPrefix),
    ];
    const [nat, dropsInbound] = [router.nat === "masquerade", router.inbound === "drop"];
    add(network, "router", name, { addresses, nat, dropsInbound, core: `router:${name}` === core });
  }
  for (const [name, host] of Object.entries(topology.hosts))
    add(network, "host", name, { addresses: host.interfaces.flatMap((each) => each.addresses.map(withoutPrefix)) });
  for (const [name, router] of Object.entries(topology.routers)) {
    for (const lan of Object.keys(router.lans)) wire(network, `lan:${lan}`, `router:${name}`);
    if (router.uplink) wire(network, `router:${name}`, `router:${router.uplink.router}`);
  }
  for (const [name, host] of Object.entries(topology.hosts))
    for (const { link } of host.interfaces) wire(network, hostId(name), "lan" in link ? `lan:${link.lan}` : `router:${link.router}`);
  if (!network.nodes.has(core)) return network;
  for (const name of strangers.filter((each) => !network.nodes.has(hostId(each)))) {
    add(network, "host", name, { addresses: [name] });
    wire(network, hostId(name), core);
  }
  return network;
}

function add(network: Network, kind: NodeKind, name: string, more: Partial<NetworkNode>): void {
  const id = `${kind}:${name}`;
  network.nodes.set(id, { id, kind, name, addresses: [], nat: false, dropsInbound: false, core: false, ...more });
}

/** The first wire of a node is where it hangs in the picture. */
function wire(network: Network, child: string, parent: string): void {
  if (!network.nodes.has(child) || !network.nodes.has(parent)) return;
  if (!network.parents.has(child)) network.parents.set(child, parent);
  for (const [from, to] of [
    [child, parent],
    [parent, child],
  ] as const)
    network.wires.set(from, [...(network.wires.get(from) ?? []), to]);
}

export function withoutPrefix(address: string): string {
  return address.replace(/\/\d+$/, "");
}

/** The shortest way, both ends included; hosts do not forward. Empty where there is none. */
export function wayBetween({ wires, nodes }: Network, from: string, to: string): string[] {
  if (!nodes.has(from) || !nodes.has(to)) return [];
  const before = new Map<string, string>();
  const queue = [from];
  for (let at = 0; at < queue.length; at++) {
    const here = queue[at] as string;
    if (here === to) return wayBack(before, from, to);
    if (here !== from && here.startsWith("host:")) continue;
    for (const next of wires.get(here) ?? []) {
      if (next === from || before.has(next)) continue;
      before.set(next, here);
      queue.push(next);
    }
  }
  return [];
}

function wayBack(before: ReadonlyMap<string, string>, from: string, to: string): string[] {
  const way = [to];
  for (let at = to; at !== from; ) {
    at = before.get(at) as string;
    way.unshift(at);
  }
  return way;
}
