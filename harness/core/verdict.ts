/** The closed set of verdicts and the evidence behind one. Types only: shared by everything that judges or reports. */
import type { Family } from "./address.ts";

export const verdicts = ["reached", "wrong-service", "closed", "refused", "filtered", "unreachable", "inconclusive"] as const;
/** What one probe from one vantage point saw. */
export type Verdict = (typeof verdicts)[number];

/** `blocked` in a policy means any of these. */
export const blockedVerdicts: readonly Verdict[] = ["closed", "refused", "filtered", "unreachable"];

/** Somebody answered, whoever it was. */
export function isAnswer(verdict: Verdict): boolean {
  return verdict === "reached" || verdict === "wrong-service";
}

/** What a policy may say of a cell: reachable, blocked (in whatever way), or one verdict. */
export const expectations = ["reachable", "blocked", ...verdicts.filter((verdict) => verdict !== "inconclusive")] as const;
export type Expectation = (typeof expectations)[number];

/** Does this expectation ask for the service to answer? */
export function wantsReach(is: Expectation): boolean {
  return is === "reachable" || is === "reached";
}

/** How a socket's path and the account that opens it stand in results: `/run/x.sock as bob`. */
export function socketTarget(path: string, as: string): string {
  return `${path} as ${as}`;
}

/** The filtering decision that ended the probe's first packet (or the answer to it), as nft's trace named it. */
export interface PacketDecision {
  /** Host or router of the lab in whose namespace it was taken. */
  at: string;
  kind: "host" | "router";
  /**
   * `redirect`: the packet is sent to another port or host than the forward's (destination NAT). `rewrite`: the answer leaves with another address or port, so that the
   * client does not take it for an answer.
   */
  action: "drop" | "reject" | "redirect" | "rewrite";
  /**
   * Which packet. `request`: the probe's SYN; `reply`: the answer to it; `data`: what comes after the handshake; `dial`: the SYN by which ssh or sshd
   * dials the forward's target; `dial-reply`: the answer to that; `neighbour`: the ARP request or neighbour solicitation that asks for the target's link-layer address.
   */
  direction: "request" | "reply" | "data" | "dial" | "dial-reply" | "neighbour";
  /** `dial`: where to. */
  dialled?: { address: string; port: number };
  /** `redirect`: it goes to where nobody in the lab answers. On the real server, a program there may pass it on to the forward. */
  nobodyThere?: true;
  /** For a person, e.g. `inet filter input policy drop`, `inet filter input tcp dport 43234 drop`. */
  rule: string;
  /** Where that rule stands in the file the user gave, relative to the policy file. */
  file?: string;
  /** 1-based. */
  line?: number;
}

/** The rule or policy of the target host's firewall that let a probe's first packet in. */
export type Admission = Pick<PacketDecision, "rule" | "file" | "line">;

/** A rule, or a chain's policy, that a packet of a probe matched. */
export interface MetRule {
  file: string;
  /** 1-based. */
  line: number;
  last: boolean;
}

/**
 * A rule that does not give every packet of a kind the same answer. `source-port`: it depends on the port that the client comes from; `dial-port`: on the
 * one that the forward's target is dialled from; `sender`: on something else that the client chooses; `lookups`: on which host has asked for the other's
 * link-layer address before.
 */
export interface UnsettledRule extends Admission {
  why: "chance" | "clock" | "program" | "source-port" | "dial-port" | "sender" | "retries" | "lookups";
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
  /** Address that the target host saw it come from: another one when a NAT stands between. */
  seenAs?: string;
  /** True when the SYN is known to have arrived at the target host's ingress. */
  arrived?: boolean;
  /** What connect gave: `connected`, or an errno name; `pending`: nothing before the probe ended; `impossible` where nothing can be named that one could connect to. */
  connect?: string;
  /** Peer address that the service saw; on a Unix socket the account that dialled, `uid:1000`. */
  peerSeenByService?: string;
  /** `match`: it came back, or the greeting of the very sshd that the forward leads to. */
  nonce?: "match" | "mismatch" | "none";
  /** That greeting, or the first bytes that came back when they were not the nonce (printable, cut). */
  received?: string;
  trace?: TraceStep[];
  /** Milliseconds. */
  ms?: number;
  /** Anything else worth showing. */
  note?: string;
}

export interface ProbeResult {
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** As in `Cell`. */
  via?: string;
  /** As in `Cell`. */
  as?: string;
  /** `address:port`, IPv6 in brackets; of a Unix socket its path and the account that tried: `/run/x.sock as bob`. */
  target: string;
  verdict: Verdict;
  /** Set for `filtered`, and for `unreachable` when a router said so. */
  decision?: PacketDecision;
  /** Every rule that the packet matched at the place where it was stopped: an earlier one may have led it to the deciding rule. */
  matched?: readonly Admission[];
  /** Set when the packet met a firewall at the target host, or at the host behind the router that it was sent to, and got through. */
  admission?: Admission;
  /** Set when a rule there gave the packet another destination. */
  translation?: Admission;
  /** The address that it had come from when it arrived at the listening host. Left out: it did not, or not over a wire. */
  cameFrom?: string;
  /** The port that it was sent from, as the vantage point's own kernel chose it. */
  sourcePort?: number;
  /**
   * Set where the visitor gets an answer, but waits until the kernel of whoever dials the forward's target has given up an address, more than two minutes; with
   * the rule that stops it there, if it was seen.
   */
  slowDial?: { decision?: PacketDecision };
  /** Set where the visitor's first packet was stopped, by this rule, and one that was sent again came through. */
  stoppedFirst?: PacketDecision;
  /** The visitor was let in and then left without an answer, and nobody had closed its connection when the probe ended. */
  unanswered?: true;
  /** Set where the dial of the forward's target came through, but not with its first packet. */
  dialRepeated?: true;
  /** Rules at the target host that this packet may have met and that depend on chance, the clock, a program the lab does not run or the client's choice: another try may end differently. */
  unsettledBy?: readonly UnsettledRule[];
  /** Every verdict that was seen, where it is one of several. */
  possible?: readonly Verdict[];
  /** Rules of the target host's firewall that its packets matched, with their place; `last`: it let one through, or stopped it. */
  met?: readonly MetRule[];
  evidence: Evidence;
}
