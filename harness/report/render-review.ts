/** A review in any of the report formats. */
import type { Review } from "../core/review.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { asJson, reportTable } from "./report-table.ts";
import { renderReviewGithub } from "./review-github.ts";
import { renderReviewGitlab } from "./review-gitlab.ts";
import { renderReviewJunit } from "./review-junit.ts";
import { renderReviewMarkdown } from "./review-markdown.ts";
import { renderReviewSarif } from "./review-sarif.ts";
import { renderReviewTap } from "./review-tap.ts";
import { type ReviewTextOptions, renderReviewText } from "./review-text.ts";

export interface ReviewReportOptions extends ReviewTextOptions, HtmlOptions {}

const table = reportTable<Review, ReviewReportOptions>({
  text: renderReviewText,
  json: asJson,
  html: renderHtml,
  junit: renderReviewJunit,
  sarif: renderReviewSarif,
  tap: renderReviewTap,
  markdown: renderReviewMarkdown,
  github: renderReviewGithub,
  gitlab: renderReviewGitlab,
});

/** Names of the formats, as `--report` takes them. */
export const reviewFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkReviewFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkReviewFormat` does. */
export function renderReview(format: string, review: Review, options: ReviewReportOptions = {}): string {
  return table.render(format, review, options);
}
