/** The closed set of verdicts and the evidence behind one. Types only: shared by everything that judges or reports. */
import type { Family } from "../lab/host.ts";

export const verdicts = ["reached", "wrong-service", "closed", "refused", "filtered", "unreachable", "inconclusive"] as const;
/** What one probe from one vantage point saw. */
export type Verdict = (typeof verdicts)[number];

/** `blocked` in a policy means any of these. */
export const blockedVerdicts: readonly Verdict[] = ["closed", "refused", "filtered", "unreachable"];

export const layers = ["bind-address", "sshd-policy", "key-options", "server-firewall", "router", "nat", "service", "client"] as const;
/** The layer that decided a verdict. */
export type Layer = (typeof layers)[number];

/** What decided, in words, with the line of the user's file where there is one. */
export interface DecidedBy {
  layer: Layer;
  /** One line for a person: `inet filter input policy drop`, `nothing listens on 198.51.100.10:43234 (GatewayPorts no)`. */
  rule: string;
  /** Relative to the policy file, as the user wrote it. */
  file?: string;
  /** 1-based. */
  line?: number;
}

/** One hop's trace of the probe's first packet. */
export interface TraceStep {
  /** Host or router in whose namespace this was seen. */
  at: string;
  /** `arrived`, `left` or the rule that was evaluated. */
  what: string;
  verdict?: "accept" | "drop" | "continue" | "reject";
}

/** Proof behind a verdict. Everything that varies from run to run stands here and nowhere else. */
export interface Evidence {
  /** Address that the probe was sent from, as the vantage point's own kernel chose it. */
  from?: string;
  /** True when the SYN is known to have arrived at the target host's ingress. */
  arrived?: boolean;
  /** What the TCP connect gave: `connected`, or an errno name. */
  connect?: string;
  /** Peer address that the service saw. */
  peerSeenByService?: string;
  nonce?: "match" | "mismatch" | "none";
  /** First bytes that came back when they were not the nonce (printable, cut). */
  received?: string;
  trace?: TraceStep[];
  /** Milliseconds. */
  ms?: number;
  /** Anything else worth showing. */
  note?: string;
}

export interface ProbeResult {
  vantage: string;
  family: Family;
  /** `address:port`, IPv6 in brackets. */
  target: string;
  verdict: Verdict;
  decidedBy?: DecidedBy;
  evidence: Evidence;
}
