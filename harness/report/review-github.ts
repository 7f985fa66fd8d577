/** A review for GitHub Actions: annotations at what lets somebody in, a summary and outputs. */
import type { Review } from "../core/review.ts";
import { annotations, shortSummary } from "./github.ts";
import { headLine, headMark } from "./review-lines.ts";
import { renderReviewMarkdown } from "./review-markdown.ts";
import { reviewProblems } from "./review-problems.ts";
import { ofServer } from "./review-server.ts";
import { reviewWords } from "./review-words.ts";

export function renderReviewGithub(review: Review): string {
  const { head, counts } = reviewWords.en;
  return `${[...annotations(reviewProblems(review)), `${headMark(review)} ${ofServer(review.server, headLine(head(review)))}: ${counts(review)}`].join("\n")}\n`;
}

/** Markdown for `$GITHUB_STEP_SUMMARY`. */
export function githubReviewSummary(review: Review): string {
  return shortSummary(renderReviewMarkdown(review));
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubReviewOutputs({ outcome, counts, findings }: Review): string {
  return [`outcome=${outcome}`, `findings=${findings.length}`, ...Object.entries(counts).map(([audience, count]) => `${audience}=${count}`)]
    .map((line) => `${line}\n`)
    .join("");
}
