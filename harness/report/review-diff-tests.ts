/**
 * A comparison of reviews for readers that know tests and alerts: a finding with something new fails, one that is gone or has become less passes, and a
 * review that could not prove all is an error.
 */
import type { ReviewFinding } from "../core/review.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { type JunitCase, type JunitSuite, junitText } from "./junit.ts";
import { tidy } from "./places.ts";
import { headOf, restOf } from "./review-diff.ts";
import { gitlabText } from "./review-gitlab.ts";
import { findingCase } from "./review-junit.ts";
import { titleOf } from "./review-lines.ts";
import { placesOf, subjectPlace } from "./review-places.ts";
import { findingProblem, type ReviewProblem } from "./review-problems.ts";
import { findingResults } from "./review-sarif.ts";
import { findingPoint } from "./review-tap.ts";
import { reviewWords } from "./review-words.ts";
import { sarifText } from "./sarif.ts";
import { tapText } from "./tap.ts";

const { diff: words } = reviewWords.en;

/** Undefined: both sides are proven throughout. What is newly open is so whatever else is not known. */
function unproven(diff: ReviewDiff): string | undefined {
  return diff.outcome === "inconclusive" ? headOf(diff, "en") : undefined;
}

function passed({ gone, changed }: ReviewDiff): { word: string; finding: ReviewFinding }[] {
  return [
    ...gone.map((finding) => ({ word: words.gone, finding })),
    ...changed.map(({ after }) => ({ word: words.changed, finding: after })),
  ];
}

export function renderReviewDiffJunit(diff: ReviewDiff): string {
  const className = "forwardlab.review-diff";
  const pass = ({ word, finding }: ReturnType<typeof passed>[number]): JunitCase => {
    const side = word === words.gone ? diff.before : diff.after;
    return { name: `${word}: ${titleOf(finding, "en")}`, className, file: placesOf(side, finding)[0].file };
  };
  const said = unproven(diff);
  const suites: JunitSuite[] = [
    { name: "review diff: new", cases: diff.opened.map((finding) => findingCase(diff.after, finding)) },
    { name: "review diff: gone or less", cases: passed(diff).map(pass) },
    { name: "review diff: same", cases: [{ name: restOf(diff, "en"), className }] },
    {
      name: "forwardlab",
      cases:
        said === undefined ? [] : [{ name: "run: 1", className, child: { tag: "error", type: "inconclusive", message: said, text: said } }],
    },
  ];
  return junitText(
    suites.filter(({ cases }) => cases.length > 0),
    { file: subjectPlace(diff.after).file },
  );
}

export function renderReviewDiffTap(diff: ReviewDiff): string {
  const points = [
    ...diff.opened.map(findingPoint),
    ...passed(diff).map(({ word, finding }) => ({ ok: true, text: `${word}: ${titleOf(finding, "en")}` })),
    { ok: true, text: restOf(diff, "en") },
  ];
  return tapText(points, [], unproven(diff));
}

export function renderReviewDiffSarif(diff: ReviewDiff): string {
  const said = unproven(diff);
  return sarifText({
    tool: diff.tool,
    category: `forwardlab/review-diff/${tidy(diff.after.subject)}/`,
    ...findingResults(diff.after, diff.opened),
    successful: said === undefined,
    notifications: said === undefined ? [] : [said],
  });
}

export function renderReviewDiffGitlab(diff: ReviewDiff): string {
  const said = unproven(diff);
  const place = subjectPlace(diff.after);
  const inconclusive: ReviewProblem[] =
    said === undefined ? [] : [{ rule: "inconclusive", level: "warning", title: "forwardlab", message: said, place, identity: [said] }];
  return gitlabText([...diff.opened.map((finding) => findingProblem(diff.after, finding)), ...inconclusive]);
}
