/** A review as GitLab code quality: a JSON array. */
import type { Audience } from "../core/audience.ts";
import type { Review } from "../core/review.ts";
import { fingerprint } from "./places.ts";
import { type ReviewProblem, reviewProblems } from "./review-problems.ts";
import { clean } from "./words.ts";

const severities: Record<Audience, string> = { internet: "critical", networks: "major", lan: "major", server: "minor", account: "info" };

export function renderReviewGitlab(review: Review): string {
  return gitlabText(reviewProblems(review));
}

export function gitlabText(problems: readonly ReviewProblem[]): string {
  const taken = new Set<string>();
  const entries = problems.map((problem) => ({
    description: clean(problem.message),
    check_name: `forwardlab/${problem.rule}`,
    fingerprint: fingerprint([problem.rule, ...problem.identity], taken),
    severity: severityOf(problem),
    location: { path: problem.place.file, lines: { begin: problem.place.line } },
  }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

function severityOf({ finding, rule }: ReviewProblem): string {
  if (finding) return severities[finding.audience];
  return rule === "warning" ? "info" : "minor";
}
