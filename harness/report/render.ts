/** A result, or those of a fleet, in any of the report formats. */
import type { Fleet } from "../core/fleet.ts";
import type { Result } from "../core/result.ts";
import { renderFleetMarkdown } from "./fleet-markdown.ts";
import { renderFleetGithub, renderFleetGitlab, renderFleetJunit, renderFleetSarif, renderFleetTap } from "./fleet-tests.ts";
import { renderFleetText } from "./fleet-text.ts";
import { renderGithub } from "./github.ts";
import { renderGitlab } from "./gitlab.ts";
import { type HtmlOptions, renderHtml } from "./html.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { asJson, either, reportTable } from "./report-table.ts";
import { renderSarif } from "./sarif.ts";
import { renderTap } from "./tap.ts";
import { renderText, type TextOptions } from "./text.ts";

export interface ReportOptions extends TextOptions, HtmlOptions {}

const table = reportTable<Result | Fleet, ReportOptions>({
  text: either(renderText, renderFleetText),
  json: asJson,
  html: renderHtml,
  junit: either(renderJunit, renderFleetJunit),
  sarif: either(renderSarif, renderFleetSarif),
  tap: either(renderTap, renderFleetTap),
  markdown: either(renderMarkdown, renderFleetMarkdown),
  github: either(renderGithub, renderFleetGithub),
  gitlab: either(renderGitlab, renderFleetGitlab),
});

/** Names of the formats, as `--report` takes them. */
export const reportFormats = table.names;

/** Throws UserError `report-format` for a name that is no format: check early, before any work is done. */
export function checkReportFormat(format: string): void {
  table.check(format);
}

/** The report as text that ends with a newline. Throws as `checkReportFormat` does. */
export function renderReport(format: string, result: Result | Fleet, options: ReportOptions = {}): string {
  return table.render(format, result, options);
}
