/** A patch with the remedies of several findings, and before it what it is for, where it applies, and what is left out: `patch` skips these lines. English. */
import type { Cause } from "../core/reason.ts";
import type { Unworded } from "../core/result.ts";
import type { ReviewFinding } from "../core/review.ts";
import { findingText } from "./review-words.ts";
import { sentenceFor, sentencesFor } from "./sentences.ts";
import { cleanLine, count } from "./words.ts";

type Finding = Unworded<ReviewFinding>;

export interface FixPatch {
  /** Unified diff. */
  diff: string;
  /** Where `patch -p1` takes it. */
  folder: string;
  fixed: readonly { finding: Finding; by?: readonly Cause[] }[];
  skipped: readonly { finding: Finding; cause: Cause }[];
}

/**
 * The same of remedies for violations, each of which stands in the result.
 * @param chosen addresses in it that the lab chose, each with its vantage point
 */
export function remediesPatchText({ diff, folder, chosen }: Pick<FixPatch, "diff" | "folder"> & { chosen: readonly string[] }): string {
  if (diff === "") return "";
  const replaced = chosen.map((each) => cleanLine(`# Replace ${each}: it is an address of the lab, not one of yours`));
  return [patchHead("Remedies that work together", folder), ...replaced, diff].join("\n");
}

function patchHead(what: string, folder: string): string {
  return cleanLine(`# ${what}; run \`patch -p1\` in ${folder === "." ? "the working folder" : folder}`);
}

/** Empty where nothing can be fixed. */
export function fixPatchText({ diff, folder, fixed, skipped }: FixPatch): string {
  if (diff === "") return "";
  const told = (finding: Finding, text: string) => cleanLine(`#   ${finding.id}: ${findingText(finding, "en")} ${text}`);
  return [
    patchHead(`Fixes of ${count(fixed.length, "finding")}`, folder),
    ...fixed.map(({ finding, by }) => told(finding, by ? `Fix: ${sentencesFor(by, "en")}` : "Gone with the fixes above.")),
    ...(skipped.length > 0 ? ["# Left out:"] : []),
    ...skipped.map(({ finding, cause }) => told(finding, sentenceFor(cause, "en"))),
    diff,
  ].join("\n");
}
