/** What is left of a finding after a change that was tried. Pure. */
import { audiences } from "../../core/audience.ts";
import type { DecidedBy, Unworded } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import type { JudgedReview } from "./judge-review.ts";
import { difference } from "./sensitivity.ts";

type Finding = Unworded<ReviewFinding>;

/**
 * What another change has to take away after one that did part of it: fewer have it, or something else lets them. Undefined: the change did nothing for
 * it, or opened something.
 * @param finding one of the user's own files
 * @param user what was seen with those
 * @param before what was seen before this change
 */
export function leftOfFinding(finding: Finding, user: JudgedReview, before: JudgedReview, after: JudgedReview): Finding | undefined {
  if (difference(user, after).opens.size > 0) return undefined;
  const own = new Set(user.exposures.get(finding.id));
  const [was, left] = [parts(finding, own, before), parts(finding, own, after)];
  const known = new Set(was.flatMap((part) => part.finding.decidedBy.map(decider)));
  const other = left.find((part) => part.finding.decidedBy.some((each) => !known.has(decider(each))));
  return (other ?? (total(left) < total(was) ? left[0] : undefined))?.finding;
}

interface Part {
  finding: Finding;
  exposures: number;
}

/** Findings of as wide an audience that have some of its exposures, those with most first. */
function parts({ audience }: Finding, own: ReadonlySet<string>, { review, exposures }: JudgedReview): Part[] {
  return review.findings
    .filter((each) => audiences.indexOf(each.audience) <= audiences.indexOf(audience))
    .map((each) => ({ finding: each, exposures: (exposures.get(each.id) ?? []).filter((exposure) => own.has(exposure)).length }))
    .filter((part) => part.exposures > 0)
    .sort((one, other) => other.exposures - one.exposures);
}

function total(all: readonly Part[]): number {
  return all.reduce((sum, { exposures }) => sum + exposures, 0);
}

/** Not where it stands: a line that goes moves those below it. */
function decider({ layer, code, rule, file }: Unworded<DecidedBy>): string {
  return JSON.stringify([layer, code, rule, file]);
}
