/** A result in any of the report formats. */
import { UserError } from "../core/errors.ts";
import type { Result } from "../core/result.ts";
import { renderGithub } from "./github.ts";
import { renderGitlab } from "./gitlab.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderSarif } from "./sarif.ts";
import { renderTap } from "./tap.ts";
import { renderText, type TextOptions } from "./text.ts";

export type ReportOptions = TextOptions;

const formats: Record<string, (result: Result, options: ReportOptions) => string> = {
  text: renderText,
  json: (result) => `${JSON.stringify(result, null, 2)}\n`,
  junit: renderJunit,
  sarif: renderSarif,
  tap: renderTap,
  markdown: renderMarkdown,
  github: renderGithub,
  gitlab: renderGitlab,
};

/** Names of the formats, as `--report` takes them. */
export const reportFormats: readonly string[] = Object.keys(formats);

/** Throws UserError `report-format` for a name that is no format: check early, before the lab is built. */
export function checkReportFormat(format: string): void {
  if (Object.hasOwn(formats, format)) return;
  throw new UserError("report-format", `unknown report format \`${format}\``, { found: format, expected: reportFormats.join(", ") });
}

/** The report as text that ends with a newline. Throws UserError `report-format` for an unknown format. */
export function renderReport(format: string, result: Result, options: ReportOptions = {}): string {
  checkReportFormat(format);
  return (formats[format] as (typeof formats)[string])(result, options);
}
