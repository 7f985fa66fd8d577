/**
 * Whether a probe's outcome hangs on the port that its kernel chose as the source: the answer goes to that port, and a rule about ports may be
 * meant for a listener there.
 */
import { blockedVerdicts, type ProbeResult } from "../core/verdict.ts";

/** Further source ports that are tried. */
const furtherPorts = 3;

/** @param probe from a port that the kernel chooses; called again only where a rule has dropped the answer */
export async function fromSeveralPorts(probe: () => Promise<ProbeResult>): Promise<ProbeResult> {
  const first = await probe();
  if (!answerDropped(first)) return first;
  for (let tried = 0; tried < furtherPorts; tried++) {
    const next = await probe();
    if (answerDropped(next)) continue;
    return sameEnd(first, next) ? next : { ...next, unsettledBy: [byChance(first), ...(next.unsettledBy ?? [])] };
  }
  return first;
}

function answerDropped({ verdict, decision }: ProbeResult): boolean {
  return verdict === "filtered" && decision?.action === "drop" && decision.direction === "reply";
}

/** Blocked is blocked, whichever rule comes first. */
function sameEnd(one: ProbeResult, other: ProbeResult): boolean {
  return blockedVerdicts.includes(one.verdict) && blockedVerdicts.includes(other.verdict);
}

function byChance({ decision }: ProbeResult) {
  const { rule = "", file, line } = decision ?? {};
  return { why: "chance" as const, rule, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}
