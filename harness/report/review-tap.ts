/** A review as TAP 14, by the same rule as JUnit: what can be exposed is not ok, what was refused is ok. `Bail out!` when not all could be proven. */
import type { Review, ReviewFinding } from "../core/review.ts";
import { causeLines, exampleLine, fixLine, headLine, refusedTests, titleOf } from "./review-lines.ts";
import { warningsOf } from "./review-sensitivity.ts";
import { ofServer } from "./review-server.ts";
import { destinationLines, reviewWords } from "./review-words.ts";
import { type TapPoint, tapText } from "./tap.ts";

const words = reviewWords.en;

export function renderReviewTap(review: Review): string {
  return tapText(reviewPoints(review), warningsOf(review), review.outcome === "inconclusive" ? headLine(words.head(review)) : undefined);
}

export function reviewPoints(review: Review): TapPoint[] {
  const points: TapPoint[] = [
    ...review.findings.map(findingPoint),
    ...refusedTests(review).map(({ name }) => ({ ok: true, text: name })),
    ...review.reasons.map(({ text }) => ({ ok: false, text })),
  ];
  return points.map((point) => ({ ...point, text: ofServer(review.server, point.text) }));
}

/** What somebody could expose: not ok. */
export function findingPoint(finding: ReviewFinding): TapPoint {
  return {
    ok: false,
    text: titleOf(finding, "en"),
    diagnostics: {
      audience: finding.audience,
      reachedAt: destinationLines(finding, "en"),
      allowedBy: causeLines(finding, words, "en"),
      example: exampleLine(finding),
      fix: fixLine(finding, words, "en"),
      principals: finding.principals,
      id: finding.id,
    },
  };
}
