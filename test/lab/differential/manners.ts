/** How a visitor may connect who does not do what most do. Each manner is open to anybody who is root on a machine of their own. */
import type { Manner } from "./oracle.ts";
import { port } from "./visitors.ts";

export interface NamedManner extends Manner {
  name: string;
  /** By family: an nft condition that its first packet meets, and an ordinary one does not. Families it has nothing to do with are left out. */
  met: Partial<Readonly<Record<4 | 6, string>>>;
  /** Open to every program, so also to the accounts of the server. */
  unprivileged?: true;
}

const level = { ip: 0, tcp: 6, ipv6: 41 } as const;
/** Numbers from Linux's headers: netinet/tcp.h, bits/in.h, linux/in6.h. */
const option = {
  maxSegment: 2,
  windowClamp: 10,
  tos: 1,
  ttl: 2,
  ipOptions: 4,
  discoverMtu: 10,
  trafficClass: 67,
  hops: 16,
  hopByHop: 54,
  destination: 59,
} as const;

/** Nothing but padding (RFC 791, 3.1; RFC 8200, 4.2). */
const noOperations = "01010101";
const extensionHeader = "0000010400000000";

/** The oracle's own connections come from Linux's ephemeral ports, 32768 to 60999. */
const sourcePorts = { privileged: [1, 53, 443, 1023], free: [1024, 20_000, port, 61_001, 65_535] };

export const manners: readonly NamedManner[] = [
  ...sourcePorts.privileged.map((from) => fromPort(from)),
  ...sourcePorts.free.map((from): NamedManner => ({ ...fromPort(from), unprivileged: true })),
  { name: "with ECN", sysctls: { tcp_ecn: 1, tcp_ecn_fallback: 0 }, met: both("tcp flags & (ecn | cwr) == ecn | cwr") },
  { name: "without timestamps", sysctls: { tcp_timestamps: 0 }, met: both("tcp option timestamp missing") },
  { name: "without SACK", sysctls: { tcp_sack: 0 }, met: both("tcp option sack-perm missing") },
  {
    name: "with no option but the segment size",
    sysctls: { tcp_sack: 0, tcp_timestamps: 0, tcp_window_scaling: 0 },
    met: both("tcp doff 6"),
  },
  {
    name: "with small segments",
    unprivileged: true,
    ...socketOption(level.tcp, option.maxSegment, 100),
    met: both("tcp option maxseg size < 500"),
  },
  { name: "with a small window", unprivileged: true, ...socketOption(level.tcp, option.windowClamp, 2000), met: both("tcp window < 5000") },
  {
    name: "with a DSCP",
    unprivileged: true,
    options: { 4: [[level.ip, option.tos, 0x20]], 6: [[level.ipv6, option.trafficClass, 0x20]] },
    met: { 4: "ip dscp cs1", 6: "ip6 dscp cs1" },
  },
  ...[1, 32, 128, 255].map(
    (hops): NamedManner => ({
      name: `with ${hops} hops to live`,
      unprivileged: true,
      options: { 4: [[level.ip, option.ttl, hops]], 6: [[level.ipv6, option.hops, hops]] },
      met: { 4: `ip ttl ${hops}`, 6: `ip6 hoplimit ${hops}` },
    }),
  ),
  {
    // The first one has eight bytes of the TCP header: the ports, and no flags.
    name: "in small fragments",
    mtu: 68,
    options: {
      4: [
        [level.ip, option.ipOptions, noOperations.repeat(10)],
        [level.ip, option.discoverMtu, 0],
      ],
    },
    met: { 4: "ip hdrlength 15" },
  },
  { name: "with IP options", options: { 4: [[level.ip, option.ipOptions, noOperations]] }, met: { 4: "ip hdrlength > 5" } },
  {
    name: "with hop-by-hop options",
    options: { 6: [[level.ipv6, option.hopByHop, extensionHeader]] },
    met: { 6: "exthdr hbh exists" },
  },
  {
    name: "with destination options",
    options: { 6: [[level.ipv6, option.destination, extensionHeader]] },
    met: { 6: "exthdr dst exists" },
  },
  { name: "with data in the SYN", early: true, sysctls: { tcp_fastopen: 5 }, met: { 4: "ip length > 60", 6: "ip6 length > 40" } },
  { name: "with a request for a Fast Open cookie", early: true, sysctls: { tcp_fastopen: 1 }, met: both("tcp option fastopen exists") },
];

/** Chance and counters: a rule that lets one in thirty by, or the third try of a SYN. */
export const persistence: readonly Omit<NamedManner, "met">[] = [
  { name: "thirty times", tries: 30, patience: 0.1, unprivileged: true },
  { name: "for four seconds", patience: 4, unprivileged: true },
];

function fromPort(from: number): NamedManner {
  return { name: `from port ${from}`, from, met: both(`tcp sport ${from}`) };
}

function socketOption(at: number, name: number, value: number): Pick<Manner, "options"> {
  return { options: { 4: [[at, name, value]], 6: [[at, name, value]] } };
}

function both(condition: string): NamedManner["met"] {
  return { 4: condition, 6: condition };
}
