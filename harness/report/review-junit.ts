/**
 * A review as JUnit XML. Nothing is expected, so whatever can be exposed is a failure; what was asked for and refused, and who cannot log in, passed;
 * what could not be proven is an error.
 */
import { audiences } from "../core/audience.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { type JunitCase, type JunitSuite, junitText } from "./junit.ts";
import { causeLines, exampleLine, fixLine, refusedTests, titleOf } from "./review-lines.ts";
import { placesOf, type Reviewed, reviewedOf, subjectPlace } from "./review-places.ts";
import { warningsOf } from "./review-sensitivity.ts";
import { ofServer } from "./review-server.ts";
import { destinationLines, reviewWords } from "./review-words.ts";

const words = reviewWords.en;

export function renderReviewJunit(review: Review): string {
  return junitText(reviewSuites(review), { file: subjectPlace(reviewedOf(review)).file, durationMs: review.provenance.durationMs });
}

export function reviewSuites(review: Review): JunitSuite[] {
  const suites: JunitSuite[] = audiences.map((audience) => ({
    name: `review: ${audience}`,
    cases: review.findings.filter((finding) => finding.audience === audience).map((finding) => findingCase(reviewedOf(review), finding)),
  }));
  suites.push({
    name: "review: refused",
    cases: refusedTests(review).map(({ name, by }) => ({
      name,
      className: "forwardlab.review.refused",
      ...(by?.file === undefined ? {} : { file: placesOf(reviewedOf(review), { decidedBy: [by] })[0].file }),
    })),
  });
  suites.push({ name: "forwardlab", cases: review.reasons.map(reasonCase), warnings: warningsOf(review) });
  return suites.filter(({ cases, warnings = [] }) => cases.length > 0 || warnings.length > 0).map((suite) => suiteOf(review.server, suite));
}

/** Names distinguish the servers of several. */
export function suiteOf(server: string | undefined, suite: JunitSuite): JunitSuite {
  return {
    ...suite,
    name: ofServer(server, suite.name),
    cases: suite.cases.map((one) => ({ ...one, name: ofServer(server, one.name) })),
  };
}

/** What somebody could expose: a failure. */
export function findingCase(reviewed: Reviewed, finding: ReviewFinding): JunitCase {
  const message = titleOf(finding, "en");
  const fix = fixLine(finding, words, "en");
  const lines = [
    message,
    ...destinationLines(finding, "en").map((line) => `Reached at  ${line}`),
    ...causeLines(finding, words, "en").map((line) => `Allowed by  ${line}`),
    `Example     ${exampleLine(finding)}`,
    ...(fix === "" ? [] : [`Fix         ${fix}`]),
    ...finding.principals.map((id) => `Principal   ${id}`),
  ];
  return {
    name: message,
    className: `forwardlab.review.${finding.audience}`,
    file: placesOf(reviewed, finding)[0].file,
    child: { tag: "failure", type: finding.id.replace(/-[^-]*$/, ""), message, text: lines.join("\n") },
  };
}

function reasonCase({ text }: Review["reasons"][number], index: number): JunitCase {
  return {
    name: `run: ${index + 1}`,
    className: "forwardlab.review.run",
    child: { tag: "error", type: "inconclusive", message: text, text },
  };
}
