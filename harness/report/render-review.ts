/** A review, or the reviews of several servers, in any of the report formats. */
import type { Review } from "../core/review.ts";
import type { ReviewFleet } from "../core/review-fleet.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { asJson, reportTable } from "./report-table.ts";
import { renderReviewFleetMarkdown } from "./review-fleet-markdown.ts";
import {
  renderReviewFleetGithub,
  renderReviewFleetGitlab,
  renderReviewFleetJunit,
  renderReviewFleetSarif,
  renderReviewFleetTap,
} from "./review-fleet-tests.ts";
import { renderReviewFleetText } from "./review-fleet-text.ts";
import { renderReviewGithub } from "./review-github.ts";
import { renderReviewGitlab } from "./review-gitlab.ts";
import { renderReviewJunit } from "./review-junit.ts";
import { renderReviewMarkdown } from "./review-markdown.ts";
import { renderReviewSarif } from "./review-sarif.ts";
import { renderReviewTap } from "./review-tap.ts";
import { type ReviewTextOptions, renderReviewText } from "./review-text.ts";

export interface ReviewReportOptions extends ReviewTextOptions, HtmlOptions {}

const table = reportTable<Review | ReviewFleet, ReviewReportOptions>({
  text: either(renderReviewText, renderReviewFleetText),
  json: asJson,
  html: renderHtml,
  junit: either(renderReviewJunit, renderReviewFleetJunit),
  sarif: either(renderReviewSarif, renderReviewFleetSarif),
  tap: either(renderReviewTap, renderReviewFleetTap),
  markdown: either(renderReviewMarkdown, renderReviewFleetMarkdown),
  github: either(renderReviewGithub, renderReviewFleetGithub),
  gitlab: either(renderReviewGitlab, renderReviewFleetGitlab),
});

function either(
  one: (review: Review, options: ReviewReportOptions) => string,
  several: (fleet: ReviewFleet, options: ReviewReportOptions) => string,
): (document: Review | ReviewFleet, options: ReviewReportOptions) => string {
  return (document, options) => (document.kind === "review-fleet" ? several(document, options) : one(document, options));
}

/** Names of the formats, as `--report` takes them. */
export const reviewFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkReviewFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkReviewFormat` does. */
export function renderReview(format: string, review: Review | ReviewFleet, options: ReviewReportOptions = {}): string {
  return table.render(format, review, options);
}
