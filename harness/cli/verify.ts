/** `forwardlab verify`. */

import type { OptionUnfit } from "../core/command-faults.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { exitCode } from "../core/result.ts";
import { stepOf } from "../core/step.ts";
import { verifyPolicy } from "../pipelines/verify.ts";
import { findPolicies } from "../policy/find-policies.ts";
import { checkReportFormat } from "../report/render.ts";
import { errorText } from "./error-text.ts";
import { prepareFixPatch } from "./fix-patch.ts";
import { freeName } from "./kept-labs.ts";
import { reportResult } from "./report-result.ts";
import { prepareReports } from "./reports.ts";
import { type Context, exitCodes } from "./run-command.ts";

export interface VerifyFlags {
  report: string[];
  only: string[];
  shard?: { index: number; count: number };
  labs?: number;
  openssh?: string;
  watch?: boolean;
  keep?: boolean;
  name?: string;
  strictWaivers?: boolean;
  allowOutside?: boolean;
  pull?: boolean;
  world?: boolean;
  fixPatch?: string;
  remedies?: boolean;
  quiet?: boolean;
  color: boolean;
}

export async function verifyCommand(words: readonly string[], flags: VerifyFlags, context: Context): Promise<number> {
  if (!flags.keep) refuse(flags, ["--name"], "not-kept");
  const { paths, single } = findPolicies(words);
  if (!single) return flags.watch ? watchSeveral(words, flags, context) : verifySeveral(paths, flags, context);
  refuse(flags, ["--labs"], "one");
  return flags.watch ? watchOne(paths[0] as string, flags, context) : verifyOne(paths[0] as string, flags, context);
}

async function verifyOne(policy: string, flags: VerifyFlags, { language, words, onEvent, signal }: Context): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const patch = await prepareFixPatch(flags);
  const keep = flags.keep ? await freeName(flags.name ?? "lab") : undefined;
  const result = await verifyPolicy(policy, {
    ...commonOptions(flags),
    ...(flags.only.length > 0 ? { only: flags.only } : {}),
    ...(keep === undefined ? {} : { keep }),
    onPatch: patch.collect,
    onEvent,
    signal,
  });
  await patch.write();
  await reportResult(result, reports, { ...flags, language });
  if (keep !== undefined) process.stderr.write(`${words.keeps(keep)}\n`);
  return exitCode(result);
}

async function watchOne(policy: string, flags: VerifyFlags, { language, onEvent, progress, signal }: Context): Promise<number> {
  refuse(flags, unwatched, "watch");
  const reports = await prepareReports(flags.report, checkReportFormat);
  const options = { ...commonOptions(flags), ...(flags.only.length > 0 ? { only: flags.only } : {}), remedies: false, onEvent, signal };
  const { watchPolicy } = await import("../pipelines/watch-policy.ts");
  await watchPolicy(policy, options, async ({ result, error, ms }) => {
    clearTerminal();
    if (result) await reportResult(result, reports, { ...flags, language });
    if (error) process.stdout.write(`${errorText(error, language)}\n`);
    progress(stepOf("waiting-for-change", { seconds: ms / 1000 }));
  });
  return exitCodes.noVerdict;
}

async function watchSeveral(
  words: readonly string[],
  flags: VerifyFlags,
  { language, onEvent, progress, signal }: Context,
): Promise<number> {
  refuse(flags, ["--only", ...unwatched], "watch-several");
  const reports = await prepareReports(flags.report, checkReportFormat);
  const options = { ...commonOptions(flags), ...labsOf(flags), remedies: false, onEvent, signal };
  const { watchFleet } = await import("../pipelines/watch-policy.ts");
  await watchFleet(words, options, async ({ fleet, judged, ms }) => {
    clearTerminal();
    await reportResult(fleet, reports, { ...flags, language });
    const all = fleet.servers.length;
    progress(stepOf("waiting-for-change", { seconds: ms / 1000, all, ...(judged.length < all ? { servers: judged } : {}) }));
  });
  return exitCodes.noVerdict;
}

/** What `--watch` does not do. */
const unwatched = ["--shard", "--keep", "--fix-patch"];

function clearTerminal(): void {
  if (process.stdout.isTTY) process.stdout.write("\x1b[2J\x1b[3J\x1b[H");
}

function labsOf({ labs }: VerifyFlags): { labs?: number } {
  return labs === undefined ? {} : { labs };
}

async function verifySeveral(paths: readonly string[], flags: VerifyFlags, { language, onEvent, signal }: Context): Promise<number> {
  refuse(flags, ["--only", "--keep", "--fix-patch"], "several");
  const reports = await prepareReports(flags.report, checkReportFormat);
  const { verifyFleet } = await import("../pipelines/verify-fleet.ts");
  const fleet = await verifyFleet(paths, { ...commonOptions(flags), ...labsOf(flags), onEvent, signal });
  await reportResult(fleet, reports, { ...flags, language });
  return exitCode(fleet);
}

const given: Record<string, (flags: VerifyFlags) => boolean> = {
  "--only": ({ only }) => only.length > 0,
  "--labs": ({ labs }) => labs !== undefined,
  "--shard": ({ shard }) => shard !== undefined,
  "--watch": ({ watch = false }) => watch,
  "--keep": ({ keep = false }) => keep,
  "--name": ({ name }) => name !== undefined,
  "--fix-patch": ({ fixPatch }) => fixPatch !== undefined,
};

const unfit: Record<OptionUnfit, { why: string; todo: string }> = {
  one: { why: "is for several policies", todo: "leave it out: a policy by itself has one lab" },
  several: { why: "needs a policy by itself", todo: "verify that server alone, or leave it out" },
  watch: { why: "cannot be used with --watch", todo: "leave it out" },
  "not-kept": { why: "needs --keep", todo: "add --keep, or leave it out" },
  "watch-several": { why: "cannot be used with --watch and several policies", todo: "leave it out" },
};

/** @param doing what the command does, for which these options mean nothing */
function refuse(flags: VerifyFlags, options: readonly string[], doing: OptionUnfit): void {
  const [found] = options.filter((option) => given[option]?.(flags));
  if (found === undefined) return;
  const { why, todo } = unfit[doing];
  throw new UserError("option", `${found} ${why}`, { fault: faultOf("option-unfit", { option: found, in: doing }), found, todo });
}

function commonOptions(flags: VerifyFlags) {
  return {
    ...(flags.shard ? { shard: flags.shard } : {}),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    strictWaivers: flags.strictWaivers,
    allowOutside: flags.allowOutside,
    ...(flags.pull ? { pull: true } : {}),
    ...(flags.world ? { world: true } : {}),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
  };
}
