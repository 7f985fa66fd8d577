/** Where the forward listens, and what the server's kernel does besides its firewall. */
import type { Draw } from "../model/random.ts";
import { addresses, port } from "./visitors.ts";

export interface DrawnServer {
  /** As typed: `-R 43234:…` listens on the loopback addresses, `-R :43234:…` on all, with an address on that one. */
  listen: string;
  /** By family, the address that the listener is bound to; null: it does not listen there. */
  bind: Readonly<Record<4 | 6, string | null>>;
  /** sysctl(8) names. */
  sysctls: Readonly<Record<string, number>>;
}

export const usualServer: DrawnServer = { listen: `:${port}`, bind: { 4: "0.0.0.0", 6: "::" }, sysctls: {} };

const narrow: readonly Pick<DrawnServer, "listen" | "bind">[] = [
  { listen: `${port}`, bind: { 4: "127.0.0.1", 6: "::1" } },
  { listen: `${addresses[4].server}:${port}`, bind: { 4: addresses[4].server, 6: null } },
  { listen: `[${addresses[6].server}]:${port}`, bind: { 4: null, 6: addresses[6].server } },
];

/** Those that decide by themselves who gets in, or what rules see of it. */
const settings: readonly Readonly<Record<string, number>>[] = [
  { "net.ipv4.conf.all.rp_filter": 1 },
  { "net.ipv4.conf.all.rp_filter": 2 },
  { "net.ipv4.conf.all.arp_ignore": 1 },
  { "net.ipv4.conf.all.accept_local": 1 },
  { "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1 },
  { "net.ipv4.tcp_syncookies": 2 },
  { "net.ipv4.tcp_syncookies": 0 },
  { "net.ipv4.tcp_timestamps": 0, "net.ipv4.tcp_sack": 0, "net.ipv4.tcp_window_scaling": 0 },
  { "net.ipv4.tcp_ecn": 1 },
  { "net.ipv4.tcp_fwmark_accept": 1, "net.ipv4.fwmark_reflect": 1 },
  { "net.ipv4.ip_early_demux": 0, "net.ipv4.tcp_early_demux": 0 },
  { "net.netfilter.nf_conntrack_tcp_loose": 0 },
  { "net.netfilter.nf_conntrack_tcp_be_liberal": 1 },
];

export function drawServer(draw: Draw): DrawnServer {
  const { listen, bind } = draw.chance(0.3) ? draw.one(narrow) : usualServer;
  // As rules need it that lead a port to loopback.
  const local = listen === `${port}` && draw.chance(0.7) ? [{ "net.ipv4.conf.all.route_localnet": 1 }] : [];
  const others = draw.chance(0.3) ? draw.some(settings, 1, 2) : [];
  return { listen, bind, sysctls: Object.assign({}, ...local, ...others) };
}
