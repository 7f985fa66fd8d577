/** A review as SARIF 2.1.0, for GitHub code scanning: one result per finding. */
import type { Audience, Review, ReviewFinding } from "../core/review.ts";
import { fingerprint, tidy } from "./places.ts";
import { causeLines } from "./review-lines.ts";
import { placesOf } from "./review-places.ts";
import { findingMessage, levels, reviewProblems, ruleOf, ruleText } from "./review-problems.ts";
import { reviewWords } from "./review-words.ts";
import { location, type SarifRule, sarifText } from "./sarif.ts";
import { clean } from "./words.ts";

const severity: Record<Audience, string> = { internet: "9.0", networks: "7.0", lan: "6.0", server: "4.0", account: "3.0" };

/** Rules are those of the findings: kind and audience together have a stable name, and a severity. */
export function renderReviewSarif(review: Review): string {
  const rules = [...new Map(review.findings.map((finding) => [ruleOf(finding), sarifRule(finding)])).values()];
  const taken = new Set<string>();
  return sarifText({
    tool: review.tool,
    category: `forwardlab/review/${tidy(review.subject)}/`,
    rules,
    results: review.findings.map((finding) => {
      const rule = ruleOf(finding);
      const [first, ...others] = located(review, finding);
      return {
        ruleId: rule,
        ruleIndex: rules.findIndex(({ id }) => id === rule),
        level: sarifLevel(finding.audience),
        message: { text: clean(findingMessage(finding)) },
        locations: [first],
        ...(others.length > 0 ? { relatedLocations: others.map((each, at) => ({ id: at + 1, ...each })) } : {}),
        partialFingerprints: { primaryLocationLineHash: `${fingerprint([finding.id], taken)}:1` },
      };
    }),
    successful: review.outcome !== "inconclusive",
    notifications: reviewProblems(review)
      .filter(({ finding }) => !finding)
      .map(({ title, message }) => `${title}: ${message}`),
  });
}

function sarifRule(finding: ReviewFinding): SarifRule {
  return { id: ruleOf(finding), text: ruleText(finding), level: sarifLevel(finding.audience), severity: severity[finding.audience] };
}

function sarifLevel(audience: Audience): SarifRule["level"] {
  return levels[audience] === "notice" ? "note" : (levels[audience] as SarifRule["level"]);
}

/** Places with the line that stands there. */
function located(review: Review, finding: ReviewFinding) {
  const placed = finding.decidedBy.filter(({ file }) => file !== undefined);
  const texts = causeLines({ decidedBy: placed }, reviewWords.en, "en");
  return placesOf(review, finding).map((place, at) => location(place, texts[at]));
}
