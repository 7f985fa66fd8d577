/** A result in any of the report formats. */
import type { Result } from "../core/result.ts";
import { renderGithub } from "./github.ts";
import { renderGitlab } from "./gitlab.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { asJson, reportTable } from "./report-table.ts";
import { renderSarif } from "./sarif.ts";
import { renderTap } from "./tap.ts";
import { renderText, type TextOptions } from "./text.ts";

export interface ReportOptions extends TextOptions, HtmlOptions {}

const table = reportTable<Result, ReportOptions>({
  text: renderText,
  json: asJson,
  html: renderHtml,
  junit: renderJunit,
  sarif: renderSarif,
  tap: renderTap,
  markdown: renderMarkdown,
  github: renderGithub,
  gitlab: renderGitlab,
});

/** Names of the formats, as `--report` takes them. */
export const reportFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkReportFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkReportFormat` does. */
export function renderReport(format: string, result: Result, options: ReportOptions = {}): string {
  return table.render(format, result, options);
}
