/** A comparison in the report formats that can carry one. */
import type { Diff } from "../core/diff.ts";
import { UserError } from "../core/errors.ts";
import { renderDiffGithub } from "./diff-github.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { type DiffTextOptions, renderDiffText } from "./diff-text.ts";
import { checkReportFormat } from "./render.ts";

export type DiffReportOptions = DiffTextOptions;

const formats: Record<string, (diff: Diff, options: DiffReportOptions) => string> = {
  text: renderDiffText,
  json: (diff) => `${JSON.stringify(diff, null, 2)}\n`,
  markdown: renderDiffMarkdown,
  github: renderDiffGithub,
};

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
export function renderDiff(format: string, diff: Diff, options: DiffReportOptions = {}): string {
  checkDiffFormat(format);
  return (formats[format] as (typeof formats)[string])(diff, options);
}
