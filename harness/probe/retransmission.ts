/**
 * What becomes of a client whose first packet was dropped. A kernel sends a SYN again after 1, 3 and 7 s, and data sooner (RFC 6298, tcp(7)
 * `tcp_syn_retries`), and a rule that counts, or remembers who came, may let a later one through: that client gets in.
 */
import { blockedVerdicts, type PacketDecision, type ProbeResult, type UnsettledRule } from "../core/verdict.ts";
import type { ProbeRequest } from "./probe.ts";
import { ruleOf, unsettled } from "./unsettled.ts";

/** How a probe of a client that goes on trying differs from one that ends with its first drop. */
export type Persistent = Pick<ProbeRequest, "sourcePort" | "persistent" | "patient" | "deadlineMs">;

/** As often as a kernel sends a SYN in half a minute; there is no waiting between them. */
export const repeats = 5;

/** Milliseconds: the third SYN leaves after 3 s; data is sent four times in 2 s. Whoever gets in later is not settled. */
const mostForSyn = 3_500;
const mostForData = 2_000;

/**
 * May a packet that is sent again be treated differently? Asked at once, on the rules that have seen the first one: the same is done some times over. Data belongs
 * to one connection, in which rules may count: nothing is known of it before it was sent again.
 * @param stateful rules with state may meet these packets
 */
export async function mayPassLater(
  first: ProbeResult,
  stateful: boolean,
  again: (how: Persistent) => Promise<ProbeResult>,
): Promise<boolean> {
  const dropped = silentDrop(first);
  if (!dropped) return false;
  if (dropped.direction === "data") return true;
  if (!stateful) return false;
  // A SYN that never came in may come once more from its own port; there is no connection yet.
  const how = dropped.direction === "request" && first.sourcePort !== undefined ? { sourcePort: first.sourcePort } : {};
  for (let tried = 0; tried < repeats; tried++) if (!blockedVerdicts.includes((await again(how)).verdict)) return true;
  return false;
}

/** What a client sees that goes on trying. If it does not get in, while others that tried more often did, nothing is settled. */
export async function throughRetransmission(first: ProbeResult, probe: (how: Persistent) => Promise<ProbeResult>): Promise<ProbeResult> {
  const dropped = silentDrop(first);
  if (!dropped) return first;
  const isData = dropped.direction === "data";
  const last = await probe({ persistent: true, patient: true, deadlineMs: isData ? mostForData : mostForSyn });
  if (last.verdict !== "inconclusive" && !blockedVerdicts.includes(last.verdict)) return { ...last, stoppedFirst: dropped };
  if (isData) return first;
  return { ...unsettled(first, { why: "retries", ...ruleOf(dropped) }), possible: [first.verdict, "reached"] };
}

/**
 * A client that does not get in however its kernel sends the packet again may get in with a later connection, if a rule lets in what goes beyond some amount.
 * @param opening such rules that it may meet
 */
export function maybeLater(first: ProbeResult, [rule]: readonly UnsettledRule[]): ProbeResult {
  const isKeptOut = first.decision !== undefined && blockedVerdicts.includes(first.verdict);
  return rule && isKeptOut ? { ...unsettled(first, rule), possible: [first.verdict, "reached"] } : first;
}

function silentDrop({ verdict, decision }: ProbeResult): PacketDecision | undefined {
  return verdict === "filtered" && decision?.action === "drop" && decision.direction !== "neighbour" ? decision : undefined;
}
