/** A lab as plain data. Nothing here holds a socket: `startLab(spec)` does. */

import { interfaceOfKey } from "./sysctl-key.ts";

/** A switch: every member shares one layer-2 segment. */
export interface LanSpec {
  /** Network in CIDR, e.g. `198.51.100.0/24`. */
  ipv4?: string;
  /** Network in CIDR, e.g. `2001:db8:100::/64`. */
  ipv6?: string;
  /** Address families that are not routed beyond this LAN, in neither direction: what a server's private network is. */
  isolated?: readonly (4 | 6)[];
}

/** How a router treats IPv4 from its LANs on the way to its uplink. IPv6 is always routed. */
export type NatKind = "none" | "masquerade";

/** A port that the router's owner forwards to a host behind it (destination NAT on the uplink). */
export interface PortForwardSpec {
  port: number;
  to: { address: string; port: number };
}

/** A router. Exactly one router of a spec has no uplink: the internet core. */
export interface RouterSpec {
  /** Point-to-point wire towards the internet. `address`: the router's own IPv4 address there (its public one, or a CG-NAT one such as 100.64.0.7). */
  uplink?: { router: string; address?: string };
  /** LANs behind it, with its own addresses on each (CIDR). */
  lans: Record<string, string[]>;
  nat?: NatKind;
  portForwards?: PortForwardSpec[];
  /** IPv4 address of the host to which every other port of the uplink leads: one-to-one NAT as cloud providers do it, the "exposed host" of home routers. */
  exposedHost?: string;
  /** New connections that come from the uplink and are not port-forwarded: dropped (as home routers do, for both families) or let through. Default `accept`. */
  inbound?: "drop" | "accept";
}

/** Routers whose NAT IPv4 from this host may pass on its way to the internet. */
export function natsOf({ hosts, routers }: Pick<LabSpec, "hosts" | "routers">, host: string): string[] {
  const passed = new Set<string>();
  for (const { link } of hosts[host]?.interfaces ?? []) {
    const first = "lan" in link ? Object.keys(routers).filter((name) => link.lan in (routers[name]?.lans ?? {})) : [link.router];
    for (const each of first)
      for (let name: string | undefined = each; name !== undefined && !passed.has(name); name = routers[name]?.uplink?.router)
        passed.add(name);
  }
  return [...passed].filter((name) => routers[name]?.nat === "masquerade");
}

/** Where a connection to this port of the router's uplink leads; undefined: nowhere. */
export function leadsTo(router: RouterSpec | undefined, port: number): PortForwardSpec["to"] | undefined {
  const forward = router?.portForwards?.find((each) => each.port === port);
  if (forward) return forward.to;
  return router?.exposedHost === undefined ? undefined : { address: router.exposedHost, port };
}

/** Ports of the router's uplink that lead to this port of a host that has these addresses. */
export function publishedPorts(router: RouterSpec | undefined, addresses: readonly string[], port: number): number[] {
  const candidates = [...(router?.portForwards ?? []).map((each) => each.port), port];
  return [...new Set(candidates)].filter((outside) => {
    const to = leadsTo(router, outside);
    return to?.port === port && addresses.includes(to.address);
  });
}

export interface InterfaceSpec {
  /** e.g. `eth0`; what firewall rules with `iifname` name. */
  name: string;
  /** A LAN of the spec, or `{ router }` for a point-to-point wire (a single host on the internet). */
  link: { lan: string } | { router: string };
  /** With prefix length on a LAN (`198.51.100.10/24`); without on a point-to-point wire. */
  addresses: string[];
  /** The policy does not say what it is called on the server: the name is the lab's. */
  assumed?: true;
  /** The policy does not give its addresses either. */
  assumedAddresses?: true;
}

/** The host that runs the sshd under test. */
export const mainServer = "server";

/** Does an sshd under test run there? */
export function isServer(spec: Pick<LabSpec, "hosts">, host: string): boolean {
  return host === mainServer || spec.hosts[host]?.sshd === true;
}

export interface HostSpec {
  /** `container`: an image of its own. `namespace`: just an address, with the fabric's tools. */
  kind: "container" | "namespace";
  /** Image reference, or one of the lab's own (`forwardlab/NAME`); containers only. Default: the lab's own host image. */
  image?: string;
  interfaces: InterfaceSpec[];
  /** It runs an sshd under test, besides the host `server`. */
  sshd?: true;
  /** Nobody placed it: the lab adds it so that there is somebody on a server's network. */
  added?: true;
  /** The lab made it to stand for a class of source addresses: nothing says that a host of the network has its address. */
  standIn?: true;
  /** Families over which it is a vantage point. Default: both, also where it has no address of one. */
  families?: readonly (4 | 6)[];
  /** TCP ports that must not be used as an ephemeral source port here (`net.ipv4.ip_local_reserved_ports`). */
  reservedPorts?: number[];
  /** Kernel settings (`net.…`) of the user's own, instead of what a freshly installed host has. */
  sysctl?: Record<string, string | number>;
}

export interface LabSpec {
  lans: Record<string, LanSpec>;
  routers: Record<string, RouterSpec>;
  hosts: Record<string, HostSpec>;
  /** Extra names for /etc/hosts of every host that has one: name -> addresses. Host names of the lab are always there. */
  names?: Record<string, string[]>;
}

/** A spec whose hosts are known by name. */
export interface LabSpecOf<Name extends string> extends LabSpec {
  hosts: Record<Name, HostSpec>;
}

/** Hosts of the article's lab. */
export type ArticleHost = "server" | "campus" | "other-lan" | "internet" | "home" | "home-lan";

/**
 * The article's lab: home behind NAT and CG-NAT, other-lan behind a NAT with the same private subnet, a server with
 * campus next to it, a stranger on the internet. Every field may be changed by spreading.
 */
export function articleLab(): LabSpecOf<ArticleHost> {
  return {
    lans: {
      "server-lan": { ipv4: "198.51.100.0/24", ipv6: "2001:db8:100::/64" },
      "home-lan": { ipv4: "192.168.1.0/24", ipv6: "2001:db8:7::/64" },
      "other-lan": { ipv4: "192.168.1.0/24", ipv6: "2001:db8:50::/64" },
    },
    routers: {
      core: { lans: { "server-lan": ["198.51.100.1/24", "2001:db8:100::1/64"] } },
      isp: { uplink: { router: "core", address: "203.0.113.7" }, lans: {}, nat: "masquerade", inbound: "accept" },
      "home-router": {
        uplink: { router: "isp", address: "100.64.0.7" },
        lans: { "home-lan": ["192.168.1.1/24", "2001:db8:7::1/64"] },
        nat: "masquerade",
        inbound: "drop",
      },
      "other-router": {
        uplink: { router: "core", address: "203.0.113.50" },
        lans: { "other-lan": ["192.168.1.1/24", "2001:db8:50::1/64"] },
        nat: "masquerade",
        inbound: "drop",
      },
    },
    hosts: {
      server: lanHost("container", "server-lan", ["198.51.100.10/24", "2001:db8:100::10/64"]),
      campus: lanHost("namespace", "server-lan", ["198.51.100.20/24", "2001:db8:100::20/64"]),
      "other-lan": lanHost("container", "other-lan", ["192.168.1.10/24", "2001:db8:50::10/64"]),
      internet: {
        kind: "namespace",
        interfaces: [{ name: "eth0", link: { router: "core" }, addresses: ["192.0.2.66", "2001:db8:66::66"] }],
      },
      home: lanHost("container", "home-lan", ["192.168.1.10/24", "2001:db8:7::10/64"]),
      "home-lan": lanHost("namespace", "home-lan", ["192.168.1.20/24", "2001:db8:7::20/64"]),
    },
  };
}

function lanHost(kind: HostSpec["kind"], lan: string, addresses: string[]): HostSpec {
  return { kind, interfaces: [{ name: "eth0", link: { lan }, addresses }] };
}

/** The LANs that a host is on, in the order of its interfaces; none for a host that the spec does not have. */
export function lansOf(spec: Pick<LabSpec, "hosts">, host: string): string[] {
  return (spec.hosts[host]?.interfaces ?? []).flatMap(({ link }) => ("lan" in link ? [link.lan] : []));
}

/**
 * The interface by which a host sends what is for none of its own networks: the first one whose network leads on. Undefined: each of them is private, or
 * has no router; the host then reaches only those that it shares a network with.
 */
export function wayOut(spec: Pick<LabSpec, "lans" | "routers">, { interfaces }: HostSpec, family: 4 | 6): InterfaceSpec | undefined {
  return interfaces.find(({ link, addresses }) => {
    if (!addresses.some((address) => address.includes(":") === (family === 6))) return false;
    if ("router" in link) return true;
    const { lan } = link;
    return !spec.lans[lan]?.isolated?.includes(family) && Object.values(spec.routers).some(({ lans }) => lan in lans);
  });
}

/**
 * Whether these kernel settings switch IPv6 off on an interface (`disable_ipv6`). `all` is written to every interface there is, `default` to those
 * that come later, which on a host is every one but `lo`. Source: Linux Documentation/networking/ip-sysctl.rst.
 */
export function ipv6SwitchedOff(sysctl: HostSpec["sysctl"], interfaceName: string): boolean {
  const settings = ofInterfaces(sysctl, "ipv6", "disable_ipv6");
  const inherited = interfaceName === "lo" ? undefined : settings.find(({ name }) => name === "default");
  const written = settings.filter(({ name }) => name === "all" || name === interfaceName).at(-1);
  return (written ?? inherited)?.on ?? false;
}

/**
 * Whether these kernel settings let packets for 127.0.0.0/8 in by an interface (`route_localnet`, for `all` or for it), so that a neighbour there reaches
 * what listens on loopback. IPv6 has no such setting. Source: Linux Documentation/networking/ip-sysctl.rst.
 */
export function takesLoopback(sysctl: HostSpec["sysctl"], interfaceName: string): boolean {
  const settings = ofInterfaces(sysctl, "ipv4", "route_localnet");
  return settings.some(({ name, on }) => on && ["all", "default", interfaceName].includes(name));
}

/** Per-interface values of a setting, in the order given; `name`: the interface, `all` or `default`. */
function ofInterfaces(sysctl: HostSpec["sysctl"], family: "ipv4" | "ipv6", setting: string): { name: string; on: boolean }[] {
  return Object.entries(sysctl ?? {}).flatMap(([written, value]) => {
    const name = interfaceOfKey(written, family, setting);
    return name === undefined ? [] : [{ name, on: String(value).trim() !== "0" }];
  });
}

/** Whether one of the host's interfaces is on a LAN where a neighbour takes packets for its loopback addresses: that interface. */
export function interfaceToLoopback(spec: LabSpec, name: string, { interfaces }: HostSpec): InterfaceSpec | undefined {
  const others = Object.entries(spec.hosts).filter(([other]) => other !== name);
  return interfaces.find(({ link: own }) =>
    others.some(([, { sysctl, interfaces: theirs }]) =>
      theirs.some(({ name: called, link }) => "lan" in own && "lan" in link && own.lan === link.lan && takesLoopback(sysctl, called)),
    ),
  );
}
