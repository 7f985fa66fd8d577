/** What GitHub Actions reads of a run: annotations in the log, the summary, the outputs. */
import { appendFile } from "node:fs/promises";
import type { Report } from "./reports.ts";

interface Told {
  annotations(): string;
  summary(): string;
  outputs(): string;
}

/** Nothing outside of GitHub Actions; annotations once, also where a report of them was asked for. */
export async function tellGithub(reports: readonly Report[], { annotations, summary, outputs }: Told): Promise<void> {
  const { GITHUB_ACTIONS: actions, GITHUB_STEP_SUMMARY: summaryFile, GITHUB_OUTPUT: outputFile } = process.env;
  if (actions !== "true") return;
  if (!reports.some(({ format }) => format === "github")) process.stderr.write(annotations());
  if (summaryFile) await appendFile(summaryFile, summary());
  if (outputFile) await appendFile(outputFile, outputs());
}
