/** `forwardlab merge`. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { exitCode } from "../core/result.ts";
import { type FleetPart, mergeFleets } from "../judgement/fleet.ts";
import { mergeResults, type Part } from "../pipelines/merge.ts";
import { readResultOrFleet } from "../pipelines/read-result.ts";
import { checkReportFormat } from "../report/render.ts";
import { reportResult } from "./report-result.ts";
import { prepareReports } from "./reports.ts";
import type { Context } from "./run-command.ts";

export interface MergeFlags {
  report: string[];
  quiet?: boolean;
  color: boolean;
}

export async function mergeCommand(files: readonly string[], flags: MergeFlags, { language }: Context): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const result = joined(await Promise.all(files.map(async (name) => ({ name, document: await readResultOrFleet(name) }))));
  await reportResult(result, reports, { ...flags, language });
  return exitCode(result);
}

type Read = { name: string; document: Awaited<ReturnType<typeof readResultOrFleet>> };

function joined(parts: readonly Read[]) {
  const results = parts.flatMap(({ name, document }): Part[] => ("kind" in document ? [] : [{ name, result: document }]));
  const fleets = parts.flatMap(({ name, document }): FleetPart[] => ("kind" in document ? [{ name, fleet: document }] : []));
  const [one] = results;
  if (fleets.length === 0) return mergeResults(results);
  if (!one) return mergeFleets(fleets);
  throw new UserError("merge-foreign", `${one.name} is the result of one policy, and ${fleets[0]?.name} that of a fleet`, {
    fault: faultOf("merge-both-kinds", { result: one.name, fleet: fleets[0]?.name ?? "" }),
    place: { file: one.name },
    found: "results of both kinds",
    expected: "parts of one run",
    todo: "merge them apart",
  });
}
