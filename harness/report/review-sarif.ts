/** A review as SARIF 2.1.0, for GitHub code scanning: one result per finding. */
import type { Audience } from "../core/audience.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { fingerprint, tidy } from "./places.ts";
import { causeLines } from "./review-lines.ts";
import { placesOf, type Reviewed, reviewedOf } from "./review-places.ts";
import { findingMessage, levels, type ReviewProblem, reviewProblems, ruleOf, ruleText } from "./review-problems.ts";
import { ofServer } from "./review-server.ts";
import { reviewWords } from "./review-words.ts";
import { location, type SarifRule, type SarifRun, sarifText } from "./sarif.ts";
import { clean } from "./words.ts";

const severity: Record<Audience, string> = { internet: "9.0", networks: "7.0", lan: "6.0", server: "4.0", account: "3.0" };

export function renderReviewSarif(review: Review): string {
  return sarifText({
    tool: review.tool,
    category: ["forwardlab/review", tidy(review.subject), ...(review.server === undefined ? [] : [review.server]), ""].join("/"),
    ...findingResultsOf([
      { ...(review.server === undefined ? {} : { name: review.server }), reviewed: reviewedOf(review), findings: review.findings },
    ]),
    successful: review.outcome !== "inconclusive",
    notifications: reviewNotifications(reviewProblems(review)),
  });
}

/** Reasons for no verdict, and warnings. */
export function reviewNotifications(problems: readonly ReviewProblem[]): string[] {
  return problems.filter(({ finding }) => !finding).map(({ title, message }) => `${title}: ${message}`);
}

/** Findings of one server among several. */
export interface ServerFindings {
  /** Its name, which goes before what is said; none where it is the only one. */
  name?: string;
  reviewed: Reviewed;
  findings: readonly ReviewFinding[];
}

export function findingResults(reviewed: Reviewed, findings: readonly ReviewFinding[]): Pick<SarifRun, "rules" | "results"> {
  return findingResultsOf([{ reviewed, findings }]);
}

/** Rules are those of the findings: kind and audience together have a stable name, and a severity. */
export function findingResultsOf(servers: readonly ServerFindings[]): Pick<SarifRun, "rules" | "results"> {
  const all = servers.flatMap(({ name, reviewed, findings }) => findings.map((finding) => ({ name, reviewed, finding })));
  const rules = [...new Map(all.map(({ finding }) => [ruleOf(finding), sarifRule(finding)])).values()];
  const taken = new Set<string>();
  const results = all.map(({ name, reviewed, finding }) => {
    const rule = ruleOf(finding);
    const [first, ...others] = located(reviewed, finding);
    return {
      ruleId: rule,
      ruleIndex: rules.findIndex(({ id }) => id === rule),
      level: sarifLevel(finding.audience),
      message: { text: clean(ofServer(name, findingMessage(finding))) },
      locations: [first],
      ...(others.length > 0 ? { relatedLocations: others.map((each, at) => ({ id: at + 1, ...each })) } : {}),
      partialFingerprints: { primaryLocationLineHash: `${fingerprint([...(name === undefined ? [] : [name]), finding.id], taken)}:1` },
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
