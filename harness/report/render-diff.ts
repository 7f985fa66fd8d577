/** A comparison in the report formats that can carry one. */
import type { Diff } from "../core/diff.ts";
import { UserError } from "../core/errors.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { renderDiffGithub } from "./diff-github.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { type DiffTextOptions, renderDiffText } from "./diff-text.ts";
import { checkReportFormat } from "./render.ts";
import { renderReviewDiffGithub, renderReviewDiffMarkdown, renderReviewDiffText } from "./review-diff.ts";

export type DiffReportOptions = DiffTextOptions;

type Formats<D> = Record<string, (diff: D, options: DiffReportOptions) => string>;

const formats: Formats<Diff> = {
  text: renderDiffText,
  json: asJson,
  markdown: renderDiffMarkdown,
  github: renderDiffGithub,
};
const reviewFormats: Formats<ReviewDiff> = {
  text: renderReviewDiffText,
  json: asJson,
  markdown: renderReviewDiffMarkdown,
  github: renderReviewDiffGithub,
};

function asJson(diff: Diff | ReviewDiff): string {
  return `${JSON.stringify(diff, null, 2)}\n`;
}

/** Names of the formats that can carry a comparison. */
export const diffFormats: readonly string[] = Object.keys(formats);

/** Throws UserError `report-format` for a format that does not exist or cannot carry a comparison. */
export function checkDiffFormat(format: string): void {
  if (Object.hasOwn(formats, format)) return;
  checkReportFormat(format);
  throw new UserError("report-format", `a ${format} report cannot show what changed`, {
    found: format,
    expected: diffFormats.join(", "),
    todo: `\`forwardlab verify --report ${format}=PATH\` reports one side`,
  });
}

/** The report as text that ends with a newline. Throws as `checkDiffFormat` does. */
export function renderDiff(format: string, diff: Diff | ReviewDiff, options: DiffReportOptions = {}): string {
  checkDiffFormat(format);
  if ("kind" in diff) return (reviewFormats[format] as Formats<ReviewDiff>[string])(diff, options);
  return (formats[format] as (typeof formats)[string])(diff, options);
}
