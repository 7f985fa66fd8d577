/** `forwardlab verify`. */
import { writeFile } from "node:fs/promises";
import { UserError } from "../core/errors.ts";
import { exitCode } from "../core/result.ts";
import { checkReportFormat } from "../report/render.ts";
import { verifyPolicy } from "../verify.ts";
import { freeName } from "./kept-labs.ts";
import { reportResult } from "./report-result.ts";
import { cannotWrite, prepare, prepareReports } from "./reports.ts";
import type { Context } from "./run-command.ts";

export interface VerifyFlags {
  report: string[];
  only: string[];
  shard?: { index: number; count: number };
  openssh?: string;
  keep?: boolean;
  name: string;
  strictWaivers?: boolean;
  world?: boolean;
  fixPatch?: string;
  remedies?: boolean;
  quiet?: boolean;
  color: boolean;
}

export async function verifyCommand(policy: string, flags: VerifyFlags, { onEvent, signal }: Context): Promise<number> {
  const reports = await prepareReports(flags.report, checkReportFormat);
  const { fixPatch } = flags;
  if (fixPatch !== undefined && flags.remedies === false)
    throw new UserError("option", "--fix-patch and --no-remedies exclude each other", { expected: "one of them" });
  if (fixPatch !== undefined) await prepare({ format: "patch", path: fixPatch });
  let patch = "";
  const keep = flags.keep ? await freeName(flags.name) : undefined;
  const result = await verifyPolicy(policy, {
    ...(flags.only.length > 0 ? { only: flags.only } : {}),
    ...(flags.shard ? { shard: flags.shard } : {}),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    ...(keep === undefined ? {} : { keep }),
    strictWaivers: flags.strictWaivers,
    ...(flags.world ? { world: true } : {}),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
    onPatch: (text) => {
      patch = text;
    },
    onEvent,
    signal,
  });
  if (fixPatch === "-") process.stdout.write(patch);
  else if (fixPatch !== undefined) await writeFile(fixPatch, patch).catch((error) => cannotWrite("patch", fixPatch, error));
  await reportResult(result, reports, flags);
  if (keep !== undefined)
    process.stderr.write(`the lab keeps running as \`${keep}\`: forwardlab shell --lab ${keep} home; forwardlab down ${keep}\n`);
  return exitCode(result);
}
