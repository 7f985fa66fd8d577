/** `forwardlab merge`. */
import { exitCode } from "../core/result.ts";
import { mergeResults } from "../judgement/merge.ts";
import { readResult } from "../read-result.ts";
import { checkReportFormat } from "../report/render.ts";
import { reportResult } from "./report-result.ts";
import { prepareReports } from "./reports.ts";

export interface MergeFlags {
  report: string[];
  quiet?: boolean;
  color: boolean;
}

export async function mergeCommand(files: readonly string[], flags: MergeFlags): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const parts = await Promise.all(files.map(async (name) => ({ name, result: await readResult(name) })));
  const result = mergeResults(parts);
  await reportResult(result, reports, flags);
  return exitCode(result);
}
