/** A comparison, of results or of reviews, in any of the report formats. */
import type { Diff } from "../core/diff.ts";
import type { DiffFleet } from "../core/diff-fleet.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { renderDiffFleetMarkdown, renderDiffFleetText } from "./diff-fleet.ts";
import {
  renderDiffFleetGithub,
  renderDiffFleetGitlab,
  renderDiffFleetJunit,
  renderDiffFleetSarif,
  renderDiffFleetTap,
} from "./diff-fleet-tests.ts";
import { renderDiffGithub } from "./diff-github.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { renderDiffGitlab, renderDiffJunit, renderDiffSarif, renderDiffTap } from "./diff-tests.ts";
import { type DiffTextOptions, renderDiffText } from "./diff-text.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { asJson, either, reportTable } from "./report-table.ts";
import { renderReviewDiffGithub, renderReviewDiffMarkdown, renderReviewDiffText } from "./review-diff.ts";
import { renderReviewDiffGitlab, renderReviewDiffJunit, renderReviewDiffSarif, renderReviewDiffTap } from "./review-diff-tests.ts";

export interface DiffReportOptions extends DiffTextOptions, HtmlOptions {}

/** By the kind that a document names. */
function byKind<Options>(
  one: (diff: Diff, options: Options) => string,
  fleet: (diff: DiffFleet, options: Options) => string,
  review: (diff: ReviewDiff, options: Options) => string,
): (diff: Diff | DiffFleet | ReviewDiff, options: Options) => string {
  return either(one, (diff: DiffFleet | ReviewDiff, options) =>
    diff.kind === "diff-fleet" ? fleet(diff, options) : review(diff, options),
  );
}

const table = reportTable<Diff | DiffFleet | ReviewDiff, DiffReportOptions>({
  text: byKind(renderDiffText, renderDiffFleetText, renderReviewDiffText),
  json: asJson,
  html: renderHtml,
  junit: byKind(renderDiffJunit, renderDiffFleetJunit, renderReviewDiffJunit),
  sarif: byKind(renderDiffSarif, renderDiffFleetSarif, renderReviewDiffSarif),
  tap: byKind(renderDiffTap, renderDiffFleetTap, renderReviewDiffTap),
  markdown: byKind(renderDiffMarkdown, renderDiffFleetMarkdown, renderReviewDiffMarkdown),
  github: byKind(renderDiffGithub, renderDiffFleetGithub, renderReviewDiffGithub),
  gitlab: byKind(renderDiffGitlab, renderDiffFleetGitlab, renderReviewDiffGitlab),
});

/** Names of the formats, as `--report` takes them. */
export const diffFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkDiffFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkDiffFormat` does. */
export function renderDiff(format: string, diff: Diff | DiffFleet | ReviewDiff, options: DiffReportOptions = {}): string {
  return table.render(format, diff, options);
}
