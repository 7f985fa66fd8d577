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

/** A rule or policy that the kernel evaluated. */
export interface EvaluatedRule {
  at: string;
  family: string;
  table: string;
  chain: string;
  kind: "rule" | "policy" | "return" | string;
  handle: number | null;
  verdict: string;
}

/** Of a connection attempt: for its SYN (`request`), the answer to it (`reply`), or what came after the handshake, either way (`data`). */
export interface TracedDecision extends EvaluatedRule {
  direction: "request" | "reply" | "data";
  /** `address port`, as the packet had them at that hook: after any destination NAT of an earlier one. */
  source: string;
  destination: string;
}

/** An ARP or neighbour discovery packet that was dropped. */
export interface DroppedLookup extends EvaluatedRule {
  /** Address whose owner was looked for. */
  asked: string;
  message: "solicit" | "advert" | string;
}

/** The SYN came by one of the lab's own chains. */
export interface Passage {
  at: string;
  chain: "arrive" | "leave" | "input" | "forward" | string;
  source: string;
  destination: string;
}

/** One connection attempt. */
export interface RawAttempt {
  sightings: Sighting[];
  decisions: TracedDecision[];
  passages: Passage[];
}

/** What was seen besides the probe's own connection. */
export interface RawSurroundings {
  /** Attempts to reach the forward's target that began during the probe. */
  dials: RawAttempt[];
  /** Another probe waited for a dial to the same target at the same time: these may be its. */
  dialsShared: boolean;
  neighbours: DroppedLookup[];
  /** The kernel dropped trace messages while the probe ran. */
  traceLost: boolean;
}

export interface RawProbe extends RawAttempt, RawSurroundings {
  /** `connected`, `pending` (no answer while it was watched) or an errno name. */
  connect: string;
  /** Base64. */
  received: string;
  /** How the conversation ended: `answered`, `eof`, `silent` or an errno name; null when there was none. */
  end: string | null;
  source?: { address: string; port: number };
  /** Second byte of the SOCKS5 reply, when the probe went through a proxy. */
  socksReply?: number;
  ms: number;
}
