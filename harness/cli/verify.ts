/** `forwardlab verify`. */
import { UserError } from "../core/errors.ts";
import { exitCode } from "../core/result.ts";
import { findPolicies } from "../policy/find-policies.ts";
import { checkReportFormat } from "../report/render.ts";
import { verifyPolicy } from "../verify.ts";
import { verifyFleet } from "../verify-fleet.ts";
import { prepareFixPatch } from "./fix-patch.ts";
import { freeName } from "./kept-labs.ts";
import { reportResult } from "./report-result.ts";
import { prepareReports } from "./reports.ts";
import type { Context } from "./run-command.ts";

export interface VerifyFlags {
  report: string[];
  only: string[];
  shard?: { index: number; count: number };
  labs?: number;
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

export async function verifyCommand(words: readonly string[], flags: VerifyFlags, context: Context): Promise<number> {
  const { paths, single } = findPolicies(words);
  return single ? verifyOne(paths[0] as string, flags, context) : verifySeveral(paths, flags, context);
}

async function verifyOne(policy: string, flags: VerifyFlags, { onEvent, signal }: Context): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const patch = await prepareFixPatch(flags);
  const keep = flags.keep ? await freeName(flags.name) : undefined;
  const result = await verifyPolicy(policy, {
    ...commonOptions(flags),
    ...(flags.only.length > 0 ? { only: flags.only } : {}),
    ...(keep === undefined ? {} : { keep }),
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

async function verifySeveral(paths: readonly string[], flags: VerifyFlags, { onEvent, signal }: Context): Promise<number> {
  const alone = [
    ...(flags.only.length > 0 ? ["--only"] : []),
    ...(flags.keep ? ["--keep"] : []),
    ...(flags.fixPatch ? ["--fix-patch"] : []),
  ];
  if (alone.length > 0) {
    throw new UserError("option", `${alone.join(", ")} needs a policy by itself`, {
      found: `${paths.length} ${paths.length === 1 ? "policy of a fleet" : "policies"}`,
      expected: "one policy file, or a folder with a policy.yaml",
      todo: `verify that server alone, or leave ${alone.join(", ")} out`,
    });
  }
  const reports = await prepareReports(flags.report, checkReportFormat);
  const labs = flags.labs === undefined ? {} : { labs: flags.labs };
  const fleet = await verifyFleet(paths, { ...commonOptions(flags), ...labs, onEvent, signal });
  await reportResult(fleet, reports, flags);
  return exitCode(fleet);
}

function commonOptions(flags: VerifyFlags) {
  return {
    ...(flags.shard ? { shard: flags.shard } : {}),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    strictWaivers: flags.strictWaivers,
    allowOutside: flags.allowOutside,
    ...(flags.world ? { world: true } : {}),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
  };
}
