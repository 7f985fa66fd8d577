/** `forwardlab verify`. */
import { access, appendFile, constants, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { exitCode, type Result } from "../core/result.ts";
import { githubOutputs, githubSummary } from "../report/github.ts";
import { checkReportFormat, renderReport } from "../report/render.ts";
import { verifyPolicy } from "../verify.ts";
import { freeName } from "./kept-labs.ts";
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
  const reports = flags.report.map(parseReport);
  if (reports.filter(({ path }) => path === "-").length > 1) {
    throw new UserError("report", "two reports cannot both go to standard output", { todo: "give one of them a path" });
  }
  await Promise.all(reports.map(prepare));
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
  const toOutput = reports.some(({ path }) => path === "-");
  for (const { format, path } of toOutput || flags.quiet ? reports : [...reports, { format: "text", path: "-" }]) {
    await write(format, path, result, flags.color);
  }
  if (process.env.GITHUB_ACTIONS === "true") await tellGithub(result, reports);
  if (keep !== undefined)
    process.stderr.write(`the lab keeps running as \`${keep}\`: forwardlab shell --lab ${keep} home; forwardlab down ${keep}\n`);
  return exitCode(result);
}

function parseReport(text: string): { format: string; path: string } {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new UserError("report", `--report ${text} is not FORMAT=PATH`, {
      found: text,
      expected: "FORMAT=PATH, for example junit=report.xml; - is standard output",
    });
  }
  const format = text.slice(0, at);
  checkReportFormat(format);
  return { format, path: text.slice(at + 1) };
}

async function write(format: string, path: string, result: Result, wantsColor: boolean): Promise<void> {
  if (path === "-") {
    const color = wantsColor && format === "text" && process.stdout.isTTY === true && !process.env.NO_COLOR;
    process.stdout.write(renderReport(format, result, { color, width: process.stdout.columns }));
    return;
  }
  await writeFile(path, renderReport(format, result)).catch((error) => cannotWrite(format, path, error));
}

/** Before the lab is built: the folder is there, or is made, and can be written to. */
async function prepare({ format, path }: { format: string; path: string }): Promise<void> {
  if (path === "-") return;
  try {
    await makeFolder(dirname(path));
    await access(dirname(path), constants.W_OK);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  } catch (error) {
    cannotWrite(format, path, error);
  }
}

/** One level at a time: `mkdir` of Node's with `recursive` never ends below /proc. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  const known = await stat(parent).catch(() => undefined);
  if (!known && parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

function cannotWrite(format: string, path: string, error: unknown): never {
  throw new UserError("report", `cannot write the ${format} report to ${path}: ${(error as NodeJS.ErrnoException).code}`, {
    found: path,
    expected: "a writable path",
    cause: error,
  });
}

/** Annotations in the log, the summary and the outputs, where GitHub looks for them. */
async function tellGithub(result: Result, reports: readonly { format: string }[]): Promise<void> {
  if (!reports.some(({ format }) => format === "github")) process.stderr.write(renderReport("github", result));
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs } = process.env;
  if (summary) await appendFile(summary, githubSummary(result));
  if (outputs) await appendFile(outputs, githubOutputs(result));
}
