/** What the fabric reports of one probe: facts only, no verdict. */

/** A packet of the probe, seen in one namespace: before its firewall on the way in, after it on the way out. */
export interface Sighting {
  at: string;
  /** Microseconds of the engine's clock. */
  time: number;
  interface: string;
  way: "in" | "out";
  /** `address port` for TCP; the bare address for an ICMP error. */
  source: string;
  destination: string;
  /** Of S(YN), R(ST), A(CK); empty for an ICMP error. */
  flags: string;
  /** Code of the ICMP "destination unreachable". */
  icmp?: number;
}

/** A rule or policy that the kernel evaluated for the probe's SYN (`request`) or for the answer to it (`reply`). */
export interface TracedDecision {
  at: string;
  family: string;
  table: string;
  chain: string;
  kind: "rule" | "policy" | "return";
  handle: number | null;
  verdict: string;
  direction: "request" | "reply";
}

export interface RawProbe {
  /** `connected`, `pending` (no answer while it was watched) or an errno name. */
  connect: string;
  /** Base64. */
  received: string;
  /** How the conversation ended: `answered`, `eof`, `silent` or an errno name; null when there was none. */
  end: string | null;
  source?: { address: string; port: number };
  /** Second byte of the SOCKS5 reply, when the probe went through a proxy. */
  socksReply?: number;
  sightings: Sighting[];
  decisions: TracedDecision[];
  /** The kernel dropped trace messages while the probe ran. */
  traceLost: boolean;
  ms: number;
}
