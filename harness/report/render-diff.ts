/** A comparison, of results or of reviews, in any of the report formats. */
import type { Diff } from "../core/diff.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { renderDiffGithub } from "./diff-github.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { renderDiffGitlab, renderDiffJunit, renderDiffSarif, renderDiffTap } from "./diff-tests.ts";
import { type DiffTextOptions, renderDiffText } from "./diff-text.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { asJson, either, reportTable } from "./report-table.ts";
import { renderReviewDiffGithub, renderReviewDiffMarkdown, renderReviewDiffText } from "./review-diff.ts";
import { renderReviewDiffGitlab, renderReviewDiffJunit, renderReviewDiffSarif, renderReviewDiffTap } from "./review-diff-tests.ts";

export interface DiffReportOptions extends DiffTextOptions, HtmlOptions {}

const table = reportTable<Diff | ReviewDiff, DiffReportOptions>({
  text: either(renderDiffText, renderReviewDiffText),
  json: asJson,
  html: renderHtml,
  junit: either(renderDiffJunit, renderReviewDiffJunit),
  sarif: either(renderDiffSarif, renderReviewDiffSarif),
  tap: either(renderDiffTap, renderReviewDiffTap),
  markdown: either(renderDiffMarkdown, renderReviewDiffMarkdown),
  github: either(renderDiffGithub, renderReviewDiffGithub),
  gitlab: either(renderDiffGitlab, renderReviewDiffGitlab),
});

/** Names of the formats, as `--report` takes them. */
export const diffFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkDiffFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkDiffFormat` does. */
export function renderDiff(format: string, diff: Diff | ReviewDiff, options: DiffReportOptions = {}): string {
  return table.render(format, diff, options);
}
