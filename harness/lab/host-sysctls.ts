/**
 * Kernel settings that make a container, or a bare namespace, behave like the host it stands for, where that decides
 * a verdict. A container of Docker's has `ip_unprivileged_port_start = 0`, no IPv6 under network mode `none`, and
 * forwarding on; a freshly installed host has none of these.
 */
import type { AdaptationParams } from "../core/adaptation.ts";
import type { HostSpec } from "../core/lab-spec.ts";
import { dottedKey } from "../core/sysctl-key.ts";

const ipv6WithoutWaiting = {
  "net.ipv6.conf.all.disable_ipv6": 0,
  "net.ipv6.conf.default.disable_ipv6": 0,
  "net.ipv6.conf.lo.disable_ipv6": 0,
  // Duplicate address detection would make every address unusable for a second; the lab hands out each address once.
  "net.ipv6.conf.all.accept_dad": 0,
  "net.ipv6.conf.default.accept_dad": 0,
  "net.ipv6.conf.default.accept_ra": 0,
};

/**
 * What an IPv4 stack is compiled with, of what decides who reaches whom. A new namespace takes it over from the engine's machine, whose owner may have
 * chosen otherwise: strict reverse paths, or a Kubernetes node's `arp_ignore` and `route_localnet`.
 * Source: Linux `net/ipv4/devinet.c`, `devinet_init_net`; ip-sysctl.rst, `devconf_inherit_init_net`.
 */
const compiledIn = Object.fromEntries(
  ["rp_filter", "arp_ignore", "arp_filter", "arp_announce", "route_localnet", "accept_local", "src_valid_mark", "proxy_arp"]
    .flatMap((key) => [`net.ipv4.conf.all.${key}`, `net.ipv4.conf.default.${key}`])
    .map((key) => [key, 0]),
);

/** Routers: forwarding, answers to every unroutable packet. */
export const routerSysctls: Record<string, number> = {
  ...compiledIn,
  ...ipv6WithoutWaiting,
  "net.ipv4.ip_forward": 1,
  "net.ipv6.conf.all.forwarding": 1,
  "net.ipv6.conf.default.forwarding": 1,
  "net.ipv4.conf.all.send_redirects": 0,
  "net.ipv4.icmp_ratelimit": 0,
  "net.ipv6.icmp.ratelimit": 0,
  // No type of message counts towards the limit for the whole machine, which other labs would use up (255 is none).
  "net.ipv4.icmp_ratemask": 0,
  "net.ipv6.icmp.ratemask": 255,
};

/** Settings of a host, with why each is set (listed as the lab's adaptations). */
export const hostSettings: readonly { key: string; value: number; why: AdaptationParams<"kernel-settings">["why"] }[] = [
  { key: "net.ipv4.ip_unprivileged_port_start", value: 1024, why: "privileged-ports" },
  { key: "net.ipv4.ip_forward", value: 0, why: "no-routing" },
  { key: "net.ipv6.conf.all.forwarding", value: 0, why: "no-routing" },
  ...Object.entries(ipv6WithoutWaiting).map(([key, value]) => ({ key, value, why: "ipv6-at-once" as const })),
];

/** What the kernel must say in the end: the settings of a host, and the user's own instead of them. */
export function hostSysctls(host: HostSpec): Record<string, string | number> {
  const own = ownSysctls(host);
  return { ...initialSysctls(host), ...ipv6OnEveryInterface(own), ...own };
}

/** The user's own settings, in dotted form like the lab's. */
function ownSysctls({ sysctl = {} }: HostSpec): Record<string, string | number> {
  return Object.fromEntries(Object.entries(sysctl).map(([written, value]) => [dottedKey(written), value]));
}

/** Who switches IPv6 off, or on, for `all` does so for `lo` and the default, too. */
function ipv6OnEveryInterface(own: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const all = own["net.ipv6.conf.all.disable_ipv6"];
  return all === undefined ? {} : { "net.ipv6.conf.default.disable_ipv6": all, "net.ipv6.conf.lo.disable_ipv6": all };
}

/** What is set before a host has its interfaces: of the user's own only what new interfaces take over. */
export function initialSysctls(host: HostSpec): Record<string, string | number> {
  const settings: Record<string, string | number> = { ...compiledIn };
  for (const { key, value } of hostSettings) settings[key] = value;
  // A port in the ephemeral range may be some connection's source port; sshd would then bind only the other family and still report success.
  if (host.reservedPorts?.length) settings["net.ipv4.ip_local_reserved_ports"] = portList(host.reservedPorts);
  for (const [key, value] of Object.entries(ownSysctls(host))) if (key.includes(".conf.default.")) settings[key] = value;
  return settings;
}

/** As the kernel prints `ip_local_reserved_ports`: sorted, neighbours joined (`80,43234-43236`). */
export function portList(ports: Iterable<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const port of [...new Set(ports)].sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range?.last === port - 1) range.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
