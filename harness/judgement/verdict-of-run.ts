/** The outcome of a whole run. */
import { type Result, type ResultCell, type ResultForward, type Status, statuses } from "../core/result.ts";

/**
 * `fail` when anything is a confirmed violation; else `inconclusive` when anything required is, when the lab failed its self-check or when
 * nothing was expected at all; else `pass`.
 */
export function overallOutcome(
  cells: readonly ResultCell[],
  forwards: readonly ResultForward[],
  violations: readonly string[],
  broken: string | undefined,
): Pick<Result, "outcome" | "reasons" | "counts"> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of cells) counts[status]++;
  for (const { expected, status } of forwards) if (expected !== null) counts[status]++;
  const measured = counts.held + counts.violated + counts.waived;
  const reasons: Result["reasons"] = violations.map((text) => ({ status: "violated", text }));
  if (broken) reasons.push({ status: "inconclusive", text: broken });
  if (measured + counts.inconclusive === 0)
    reasons.push({ status: "inconclusive", text: "no expectation was selected, so nothing was verified" });
  const outcome =
    violations.length > 0 || counts.violated > 0 ? "fail" : broken || counts.inconclusive > 0 || measured === 0 ? "inconclusive" : "pass";
  return { outcome, reasons, counts };
}
