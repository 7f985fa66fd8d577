/** The outcome of a whole run. */
import type { Cause } from "../core/reason.ts";
import { type Result, type ResultCell, type ResultForward, type Status, statuses, type Unworded } from "../core/result.ts";

type RunOutcome = Unworded<Pick<Result, "outcome" | "reasons" | "counts">>;

/**
 * `fail` when anything is a confirmed violation; else `inconclusive` when anything required is, when something keeps the whole run from a verdict
 * (`unproven`: the lab failed its self-check), or when nothing was expected at all; else `pass`.
 */
export function overallOutcome(
  cells: readonly Pick<ResultCell, "status">[],
  forwards: readonly Pick<ResultForward, "status" | "expected">[],
  violations: readonly Cause[],
  unproven: readonly Cause[],
): RunOutcome {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of cells) counts[status]++;
  for (const { expected, status } of forwards) if (expected !== null) counts[status]++;
  const measured = counts.held + counts.violated + counts.waived;
  const nothing = measured + counts.inconclusive === 0;
  const reasons: RunOutcome["reasons"] = [
    ...violations.map(({ code, params }) => ({ status: "violated" as const, code, params })),
    ...unproven.map(({ code, params }) => ({ status: "inconclusive" as const, code, params })),
    ...(nothing ? [{ status: "inconclusive" as const, code: "nothing-expected", params: {} }] : []),
  ];
  const violated = violations.length > 0 || counts.violated > 0;
  const proven = unproven.length === 0 && counts.inconclusive === 0 && measured > 0;
  return { outcome: outcomeOf(violated, proven), reasons, counts };
}

function outcomeOf(violated: boolean, proven: boolean): Result["outcome"] {
  if (violated) return "fail";
  return proven ? "pass" : "inconclusive";
}
