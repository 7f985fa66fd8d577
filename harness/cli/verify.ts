/** `forwardlab verify`. */
import { exitCode } from "../core/result.ts";
import { checkReportFormat } from "../report/render.ts";
import { verifyPolicy } from "../verify.ts";
import { prepareFixPatch } from "./fix-patch.ts";
import { freeName } from "./kept-labs.ts";
import { reportResult } from "./report-result.ts";
import { prepareReports } from "./reports.ts";
import type { Context } from "./run-command.ts";

export interface VerifyFlags {
  report: string[];
  only: string[];
  shard?: { index: number; count: number };
  openssh?: string;
  keep?: boolean;
  name: string;
  strictWaivers?: boolean;
  allowOutside?: boolean;
  world?: boolean;
  fixPatch?: string;
  remedies?: boolean;
  quiet?: boolean;
  color: boolean;
}

export async function verifyCommand(policy: string, flags: VerifyFlags, { onEvent, signal }: Context): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const patch = await prepareFixPatch(flags);
  const keep = flags.keep ? await freeName(flags.name) : undefined;
  const result = await verifyPolicy(policy, {
    ...(flags.only.length > 0 ? { only: flags.only } : {}),
    ...(flags.shard ? { shard: flags.shard } : {}),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    ...(keep === undefined ? {} : { keep }),
    strictWaivers: flags.strictWaivers,
    allowOutside: flags.allowOutside,
    ...(flags.world ? { world: true } : {}),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
    onPatch: patch.collect,
    onEvent,
    signal,
  });
  await patch.write();
  await reportResult(result, reports, flags);
  if (keep !== undefined)
    process.stderr.write(`the lab keeps running as \`${keep}\`: forwardlab shell --lab ${keep} home; forwardlab down ${keep}\n`);
  return exitCode(result);
}
