/** A lab's spec -> what the fabric must do: namespaces, `ip` lines, kernel settings and rules, in order. Pure. */

import { bits, contains, parseAddress, parseInterface, withoutPrefix } from "../core/address.ts";
import { type HostSpec, interfaceToLoopback, type LabSpec, type RouterSpec, wayOut } from "../core/lab-spec.ts";
import { linkLocalOf } from "../core/link-local.ts";
import { interfaceKey } from "../core/sysctl-key.ts";
import { initialSysctls, routerSysctls } from "./host-sysctls.ts";
import { lanInterface, uplinkInterface, wireInterface } from "./interface-names.ts";
import { observationRules, routerObservationRules } from "./observation-rules.ts";
import { routerRules } from "./router-rules.ts";

/** One namespace's part: settings first (new interfaces take them over), then `ip`, then rules; `observe` looks into it from then on. */
export interface WiringStep {
  namespace: string;
  settings?: Record<string, string | number>;
  /** Lines for `ip -batch`; `{ns:NAME}` stands for a namespace. */
  ip?: string[];
  nft?: string;
  observe?: boolean;
}

export interface WiringPlan {
  /** Everything but the containers: can be built while they start. */
  gear: { namespaces: string[]; steps: WiringStep[] };
  /** What is left when the containers run: namespaces that are hosts come first in `gear`, containers here. */
  containers: { steps: WiringStep[] };
}

export const switchNamespace = "switch";
/**
 * IPv4 address of a router on the point-to-point wires below it. 192.0.0.0/24 is set aside by RFC 6890 and routed nowhere.
 * Each router has one of its own: a router drops what seems to come from itself.
 */
function upperAddress(spec: LabSpec, router: string): string {
  return `192.0.0.${Object.keys(spec.routers).indexOf(router) + 1}`;
}
const upperLinkLocal = "fe80::1";
const lowerLinkLocal = "fe80::2";

/** Next hops of a host that hangs on a router by a point-to-point wire. */
export function upperAddresses(spec: LabSpec, router: string): string[] {
  return [upperAddress(spec, router), upperLinkLocal];
}

export function isIpv6(address: string): boolean {
  return address.includes(":");
}

/** All that can be said about a lab before anything runs. */
export function planWiring(spec: LabSpec): WiringPlan {
  const namespaceHosts = Object.entries(spec.hosts).filter(([, host]) => host.kind === "namespace");
  const containerHosts = Object.entries(spec.hosts).filter(([, host]) => host.kind === "container");
  const routers = Object.entries(spec.routers);
  const gearSteps: WiringStep[] = [
    { namespace: switchNamespace, settings: { "net.ipv6.conf.all.disable_ipv6": 1, "net.ipv6.conf.default.disable_ipv6": 1 } },
    ...routers.map(([name]) => ({ namespace: name, settings: routerSysctls })),
    ...namespaceHosts.map(([name, host]) => ({ namespace: name, settings: initialSysctls(host) })),
    { namespace: switchNamespace, ip: [...bridges(spec), ...routers.flatMap(([name, router]) => routerWires(spec, name, router))] },
    { namespace: switchNamespace, ip: namespaceHosts.flatMap(([name, host]) => hostWires(spec, name, host)) },
    ...routers.map(([name, router]) => routerStep(spec, name, router)),
    ...namespaceHosts.map(([name, host]) => hostStep(spec, name, host)),
    ...ownSettings(namespaceHosts),
    ...namespaceHosts.flatMap(([namespace, host]) => {
      const settings = loopbackSettings(spec, namespace, host);
      return settings ? [{ namespace, settings }] : [];
    }),
  ];
  return {
    gear: {
      namespaces: [switchNamespace, ...routers.map(([name]) => name), ...namespaceHosts.map(([name]) => name)],
      steps: gearSteps.filter((step) => step.ip === undefined || step.ip.length > 0),
    },
    containers: {
      steps: [
        ...containerHosts.map(([name, host]) => ({ namespace: name, settings: initialSysctls(host) })),
        { namespace: switchNamespace, ip: containerHosts.flatMap(([name, host]) => hostWires(spec, name, host)) },
        ...routers
          .map(([router]) => ({ namespace: router, ip: containerHosts.flatMap(([name, host]) => upperEnds(spec, router, name, host)) }))
          .filter(({ ip }) => ip.length > 0),
        ...containerHosts.map(([name, host]) => hostStep(spec, name, host)),
        ...ownSettings(containerHosts),
      ],
    },
  };
}

/** Interfaces that each namespace must have when the lab is built, and no other. */
export function expectedInterfaces(spec: LabSpec): Record<string, string[]> {
  const expected: Record<string, string[]> = {};
  for (const [name, host] of Object.entries(spec.hosts)) expected[name] = ["lo", ...host.interfaces.map((each) => each.name)].sort();
  for (const [name, router] of Object.entries(spec.routers)) {
    const children = Object.entries(spec.routers).filter(([, other]) => other.uplink?.router === name);
    const wired = Object.entries(spec.hosts).filter(([, host]) =>
      host.interfaces.some((each) => "router" in each.link && each.link.router === name),
    );
    expected[name] = [
      "lo",
      ...(router.uplink ? [uplinkInterface] : []),
      ...Object.keys(router.lans).map((lan) => lanInterface(lan)),
      ...[...children, ...wired].map(([child]) => wireInterface(child)),
    ].sort();
  }
  return expected;
}

export function bridgeOf(spec: LabSpec, lan: string): string {
  return `br${Object.keys(spec.lans).indexOf(lan)}`;
}

function bridges(spec: LabSpec): string[] {
  return Object.keys(spec.lans).flatMap((lan) => {
    const bridge = bridgeOf(spec, lan);
    return [`link add name ${bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`, `link set dev ${bridge} up`];
  });
}

/** The switch's end of a member's wire is named after the member: `p` and the member's number, then its interface's. */
export function switchPort(spec: LabSpec, namespace: string, peer: string): string {
  const members = [...Object.entries(spec.hosts), ...Object.entries(spec.routers)];
  const [, member] = members.find(([name]) => name === namespace) ?? [];
  const wires =
    member && "interfaces" in member
      ? member.interfaces.map(({ name }) => name)
      : Object.keys(member?.lans ?? {}).map((each) => lanInterface(each));
  return `p${members.findIndex(([name]) => name === namespace)}-${wires.indexOf(peer)}`;
}

function lanPort(spec: LabSpec, lan: string, namespace: string, peer: string): string[] {
  const port = switchPort(spec, namespace, peer);
  return [
    `link add name ${port} type veth peer name ${peer} netns {ns:${namespace}}`,
    `link set dev ${port} master ${bridgeOf(spec, lan)}`,
    `link set dev ${port} up`,
  ];
}

function pointToPoint(upper: string, upperName: string, lower: string, lowerName: string): string {
  return `link add name ${upperName} netns {ns:${upper}} type veth peer name ${lowerName} netns {ns:${lower}}`;
}

function routerWires(spec: LabSpec, name: string, router: RouterSpec): string[] {
  const lines = Object.keys(router.lans).flatMap((lan) => lanPort(spec, lan, name, lanInterface(lan)));
  if (router.uplink) lines.push(pointToPoint(router.uplink.router, wireInterface(name), name, uplinkInterface));
  return lines;
}

function hostWires(spec: LabSpec, name: string, host: HostSpec): string[] {
  return host.interfaces.flatMap((each) =>
    "lan" in each.link
      ? lanPort(spec, each.link.lan, name, each.name)
      : [pointToPoint(each.link.router, wireInterface(name), name, each.name)],
  );
}

function bringUp(name: string, addresses: string[] = []): string[] {
  return [`link set dev ${name} up`, ...addresses];
}

/**
 * The upper end of a point-to-point wire: address of the wire, and routes to what lies behind its lower end. Where that has no IPv4 address of
 * its own, its link-local IPv6 address is the next hop for IPv4, too (RFC 8950).
 */
function upperEnd(upper: string, child: string, lowerAddress: string | undefined, behind: string[]): string[] {
  const name = wireInterface(child);
  const addresses = [
    ...(lowerAddress ? [`addr add ${upper} peer ${lowerAddress} dev ${name}`] : []),
    `addr add ${upperLinkLocal}/64 dev ${name} nodad`,
  ];
  const hop = (prefix: string) => {
    if (isIpv6(prefix)) return `via ${lowerLinkLocal} dev ${name}`;
    if (lowerAddress === undefined) return `dev ${name} via inet6 ${lowerLinkLocal}`;
    return prefix === lowerAddress ? `dev ${name}` : `dev ${name} via ${lowerAddress}`;
  };
  const routes = behind.map((prefix) => `route replace ${prefix} ${hop(prefix)}`);
  return [...bringUp(name, addresses), ...routes.filter((line) => !line.startsWith(`route replace ${lowerAddress} `))];
}

/** The lower end: its own addresses, and everything else is beyond the upper one. */
function lowerEnd(upper: string, name: string, addresses: readonly string[]): string[] {
  const [ipv4, ...others] = addresses.filter((address) => !isIpv6(address));
  return [
    ...bringUp(name),
    `addr add ${lowerLinkLocal}/64 dev ${name} nodad`,
    ...(ipv4 ? [`addr add ${ipv4} peer ${upper}/32 dev ${name}`, `route add default via ${upper} dev ${name}`] : []),
    ...others.map((address) => `addr add ${address}/32 dev ${name}`),
    ...addresses.filter(isIpv6).map((address) => `addr add ${address}/128 dev ${name} nodad`),
    `route add default via ${upperLinkLocal} dev ${name}`,
  ];
}

/** A router that has no address on its uplink: what it forwards has the addresses of its LANs. */
function unnumberedUplink(name: string): string[] {
  return [...lowerEnd("", name, []), `route add 0.0.0.0/0 via inet6 ${upperLinkLocal} dev ${name}`];
}

/** Networks that can be routed to through this router: its LANs and those of the routers below it; IPv4 not through a NAT. */
function networksBehind(spec: LabSpec, name: string): string[] {
  const router = spec.routers[name] as RouterSpec;
  const below = Object.entries(spec.routers).filter(([, other]) => other.uplink?.router === name);
  const networks = [
    ...Object.keys(router.lans).flatMap((lan) => [spec.lans[lan]?.ipv4, spec.lans[lan]?.ipv6].filter((net) => net !== undefined)),
    ...below.flatMap(([child, spec_]) => [...(spec_.uplink?.address ? [spec_.uplink.address] : []), ...networksBehind(spec, child)]),
    ...Object.values(spec.hosts).flatMap((host) =>
      host.interfaces.flatMap((each) => ("router" in each.link && each.link.router === name ? each.addresses.map(withoutPrefix) : [])),
    ),
  ];
  return router.nat === "masquerade" ? networks.filter(isIpv6) : networks;
}

function routerStep(spec: LabSpec, name: string, router: RouterSpec): WiringStep {
  const lines = ["link set dev lo up"];
  for (const [lan, addresses] of Object.entries(router.lans)) {
    const each = lanInterface(lan);
    const { ipv4 } = spec.lans[lan] ?? {};
    const own = addresses.filter((address) => !isIpv6(address));
    // A router with an address of another network knows of this one nothing else.
    const outside = ipv4 !== undefined && own.length > 0 && !own.some((address) => onLink([ipv4], address));
    lines.push(
      ...bringUp(each, [
        ...addresses.map((address) => `addr add ${address} dev ${each}${isIpv6(address) ? " nodad" : ""}`),
        ...(outside ? [`route add ${ipv4} dev ${each}`] : []),
      ]),
    );
  }
  for (const [child, other] of Object.entries(spec.routers)) {
    if (other.uplink?.router === name)
      lines.push(...upperEnd(upperAddress(spec, name), child, other.uplink.address, networksBehind(spec, child)));
  }
  for (const [child, host] of Object.entries(spec.hosts)) {
    if (host.kind === "namespace") lines.push(...upperEnds(spec, name, child, host));
  }
  const { uplink } = router;
  if (uplink?.address) lines.push(...lowerEnd(upperAddress(spec, uplink.router), uplinkInterface, [uplink.address]));
  else if (uplink) lines.push(...unnumberedUplink(uplinkInterface));
  else lines.push("route add unreachable 0.0.0.0/0", "route add unreachable ::/0");
  return { namespace: name, ip: lines, nft: routerRules(spec, router) + routerObservationRules(), observe: true };
}

/** A router's ends of the wires to one host. */
function upperEnds(spec: LabSpec, router: string, name: string, host: HostSpec): string[] {
  return host.interfaces.flatMap(({ link, addresses }) => {
    if (!("router" in link) || link.router !== router) return [];
    const own = addresses.map(withoutPrefix);
    const ipv4 = own.find((address) => !isIpv6(address));
    return upperEnd(upperAddress(spec, router), name, ipv4, own);
  });
}

function hostStep(spec: LabSpec, name: string, host: HostSpec): WiringStep {
  const lines = ["link set dev lo up"];
  for (const each of host.interfaces) {
    if ("router" in each.link) {
      lines.push(...lowerEnd(upperAddress(spec, each.link.router), each.name, each.addresses.map(withoutPrefix)));
      continue;
    }
    const linkLocal = linkLocalOf(spec, name, each);
    lines.push(
      // The kernel would make one of the interface's random hardware address.
      ...(linkLocal ? [`link set dev ${each.name} addrgenmode none`] : []),
      ...bringUp(
        each.name,
        [...(linkLocal ? [`${linkLocal}/64`] : []), ...each.addresses].map(
          (address) => `addr add ${address} dev ${each.name}${isIpv6(address) ? " nodad" : ""}`,
        ),
      ),
      ...routesToPeers(spec, each.link.lan, each),
    );
  }
  lines.push(...([4, 6] as const).flatMap((family) => defaultRoute(spec, host, family)));
  const settings = host.kind === "namespace" ? loopbackSettings(spec, name, host) : undefined;
  // A probe's own route counts before the local table, which has all of 127.0.0.0/8.
  if (settings) lines.push("rule add priority 2 lookup local", "rule del priority 0 lookup local");
  return { namespace: name, ip: lines, nft: observationRules(host.interfaces.map((each) => each.name)), observe: true };
}

/** With a single address (/32, /128) on a network that no router leads to, as a VPN gives it: its peers are behind that interface. */
function routesToPeers(spec: LabSpec, lan: string, { name, addresses }: HostSpec["interfaces"][number]): string[] {
  const { ipv4, ipv6, isolated = [] } = spec.lans[lan] ?? {};
  return isolated.flatMap((family) => {
    const network = family === 4 ? ipv4 : ipv6;
    const own = addresses.filter((address) => isIpv6(address) === (family === 6));
    return network === undefined || own.length === 0 || onLink(own, network) ? [] : [`route add ${network} dev ${name}`];
  });
}

/** What a kernel needs to take answers from a neighbour's loopback address: it has that address itself. */
function loopbackSettings(spec: LabSpec, name: string, host: HostSpec): Record<string, number> | undefined {
  const own = interfaceToLoopback(spec, name, host);
  if (!own) return undefined;
  const settings = ["route_localnet", "accept_local"].map((key) => [interfaceKey("ipv4", own.name, key), 1] as const);
  return Object.fromEntries([...settings, ["net.ipv4.conf.all.rp_filter", 0], [interfaceKey("ipv4", own.name, "rp_filter"), 0]]);
}

/** Settings of the user's own, when the interfaces that they name are there. */
function ownSettings(hosts: readonly (readonly [string, HostSpec])[]): WiringStep[] {
  return hosts.flatMap(([namespace, { sysctl }]) => (sysctl ? [{ namespace, settings: sysctl }] : []));
}

/** By the interface that leads on; of a host that has none by its first one, where the router says that there is no way. */
function defaultRoute(spec: LabSpec, host: HostSpec, family: 4 | 6): string[] {
  const out = wayOut(spec, host, family) ?? host.interfaces[0];
  if (!out || !("lan" in out.link)) return [];
  const { lan } = out.link;
  const isOf = (address: string) => isIpv6(address) === (family === 6);
  const gateway = Object.values(spec.routers)
    .flatMap((router) => router.lans[lan] ?? [])
    .map(withoutPrefix)
    .find(isOf);
  const has = out.addresses.filter(isOf);
  // With single addresses (/32, /128), or where the gateway has an address of another network, the kernel knows no way to it.
  return gateway && has.length > 0 ? [`route add default via ${gateway} dev ${out.name}${onLink(has, gateway) ? "" : " onlink"}`] : [];
}

/** Is the address on one of the networks of these addresses? Of a single address (/32, /128) there is none. */
function onLink(networks: readonly string[], address: string): boolean {
  const wanted = parseAddress(withoutPrefix(address));
  return networks.some((text) => {
    const network = parseInterface(text);
    return network && wanted && network.prefix < bits(network.family) && contains(network, wanted);
  });
}
