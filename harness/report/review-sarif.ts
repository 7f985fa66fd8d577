/** A review as SARIF 2.1.0, for GitHub code scanning: one result per finding. */
import type { Audience } from "../core/audience.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { fingerprint, tidy } from "./places.ts";
import { causeLines } from "./review-lines.ts";
import { placesOf, type Reviewed, reviewedOf } from "./review-places.ts";
import { findingMessage, levels, reviewProblems, ruleOf, ruleText } from "./review-problems.ts";
import { reviewWords } from "./review-words.ts";
import { location, type SarifRule, type SarifRun, sarifText } from "./sarif.ts";
import { clean } from "./words.ts";

const severity: Record<Audience, string> = { internet: "9.0", networks: "7.0", lan: "6.0", server: "4.0", account: "3.0" };

export function renderReviewSarif(review: Review): string {
  return sarifText({
    tool: review.tool,
    category: `forwardlab/review/${tidy(review.subject)}/`,
    ...findingResults(reviewedOf(review), review.findings),
    successful: review.outcome !== "inconclusive",
    notifications: reviewProblems(review)
      .filter(({ finding }) => !finding)
      .map(({ title, message }) => `${title}: ${message}`),
  });
}

/** Rules are those of the findings: kind and audience together have a stable name, and a severity. */
export function findingResults(reviewed: Reviewed, findings: readonly ReviewFinding[]): Pick<SarifRun, "rules" | "results"> {
  const rules = [...new Map(findings.map((finding) => [ruleOf(finding), sarifRule(finding)])).values()];
  const taken = new Set<string>();
  const results = findings.map((finding) => {
    const rule = ruleOf(finding);
    const [first, ...others] = located(reviewed, finding);
    return {
      ruleId: rule,
      ruleIndex: rules.findIndex(({ id }) => id === rule),
      level: sarifLevel(finding.audience),
      message: { text: clean(findingMessage(finding)) },
      locations: [first],
      ...(others.length > 0 ? { relatedLocations: others.map((each, at) => ({ id: at + 1, ...each })) } : {}),
      partialFingerprints: { primaryLocationLineHash: `${fingerprint([finding.id], taken)}:1` },
    };
  });
  return { rules, results };
}

function sarifRule(finding: ReviewFinding): SarifRule {
  return { id: ruleOf(finding), text: ruleText(finding), level: sarifLevel(finding.audience), severity: severity[finding.audience] };
}

function sarifLevel(audience: Audience): SarifRule["level"] {
  return levels[audience] === "notice" ? "note" : (levels[audience] as SarifRule["level"]);
}

/** Places with the line that stands there. */
function located(reviewed: Reviewed, finding: ReviewFinding) {
  const placed = finding.decidedBy.filter(({ file }) => file !== undefined);
  const texts = causeLines({ decidedBy: placed }, reviewWords.en, "en");
  return placesOf(reviewed, finding).map((place, at) => location(place, texts[at]));
}
