/** A review in any of the report formats. */
import { UserError } from "../core/errors.ts";
import type { Review } from "../core/review.ts";
import { checkReportFormat } from "./render.ts";
import { renderReviewGithub } from "./review-github.ts";
import { renderReviewGitlab } from "./review-gitlab.ts";
import { renderReviewJunit } from "./review-junit.ts";
import { renderReviewMarkdown } from "./review-markdown.ts";
import { renderReviewSarif } from "./review-sarif.ts";
import { renderReviewTap } from "./review-tap.ts";
import { type ReviewTextOptions, renderReviewText } from "./review-text.ts";

export type ReviewReportOptions = ReviewTextOptions;

const formats: Record<string, (review: Review, options: ReviewReportOptions) => string> = {
  text: renderReviewText,
  json: (review) => `${JSON.stringify(review, null, 2)}\n`,
  junit: renderReviewJunit,
  sarif: renderReviewSarif,
  tap: renderReviewTap,
  markdown: renderReviewMarkdown,
  github: renderReviewGithub,
  gitlab: renderReviewGitlab,
};

/** Names of the formats that can carry a review. */
export const reviewFormats: readonly string[] = Object.keys(formats);

/** Throws UserError `report-format` for a format that does not exist or cannot carry a review. */
export function checkReviewFormat(format: string): void {
  if (Object.hasOwn(formats, format)) return;
  checkReportFormat(format);
  throw new UserError("report-format", `a ${format} report cannot show a review`, { found: format, expected: reviewFormats.join(", ") });
}

/** The report as text that ends with a newline. Throws as `checkReviewFormat` does. */
export function renderReview(format: string, review: Review, options: ReviewReportOptions = {}): string {
  checkReviewFormat(format);
  return (formats[format] as (typeof formats)[string])(review, options);
}
