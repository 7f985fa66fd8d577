/** Writes the reports of a result, or of a fleet, and tells GitHub Actions. */
import type { Fleet } from "../core/fleet.ts";
import type { Result } from "../core/result.ts";
import { githubFleetOutputs, githubFleetSummary } from "../report/fleet-tests.ts";
import { githubOutputs, githubSummary } from "../report/github.ts";
import { renderReport } from "../report/render.ts";
import type { Language } from "../report/sentences.ts";
import { type Report, writeReports } from "./reports.ts";
import { tellGithub } from "./tell-github.ts";

export async function reportResult(
  result: Result | Fleet,
  reports: readonly Report[],
  flags: { quiet?: boolean; color: boolean; language: Language },
): Promise<void> {
  await writeReports(reports, flags, (format, options) => renderReport(format, result, { ...options, language: flags.language }));
  await tellGithub(reports, {
    annotations: () => renderReport("github", result),
    summary: () => ("kind" in result ? githubFleetSummary(result) : githubSummary(result)),
    outputs: () => ("kind" in result ? githubFleetOutputs(result) : githubOutputs(result)),
  });
}
