/** Writes a result's reports, and tells GitHub Actions. */
import type { Result } from "../core/result.ts";
import { githubOutputs, githubSummary } from "../report/github.ts";
import { renderReport } from "../report/render.ts";
import { type Report, writeReports } from "./reports.ts";
import { tellGithub } from "./tell-github.ts";

export async function reportResult(result: Result, reports: readonly Report[], flags: { quiet?: boolean; color: boolean }): Promise<void> {
  await writeReports(reports, flags, (format, options) => renderReport(format, result, options));
  await tellGithub(reports, {
    annotations: () => renderReport("github", result),
    summary: () => githubSummary(result),
    outputs: () => githubOutputs(result),
  });
}
