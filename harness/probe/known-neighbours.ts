/**
 * Whether a block by a dropped lookup of a link-layer address lasts: who asks is known by its own request, so a host that drops requests for itself, or its answers to them,
 * can be reached as long as others remember what it asked them.
 */
import { blockedVerdicts, type ProbeResult } from "../core/verdict.ts";
import { ruleOf, unsettled } from "./unsettled.ts";

/** @param again the same probe, after the host at which the lookup was dropped has made itself known */
export async function throughKnownNeighbours(first: ProbeResult, again: (at: string) => Promise<ProbeResult>): Promise<ProbeResult> {
  const { decision, verdict } = first;
  if (decision?.direction !== "neighbour" || decision.kind !== "host" || !blockedVerdicts.includes(verdict)) return first;
  const next = await again(decision.at);
  if (next.verdict === "inconclusive" || blockedVerdicts.includes(next.verdict)) return first;
  return { ...unsettled(next, { why: "lookups", ...ruleOf(decision) }), possible: [verdict, next.verdict] };
}
