/** `forwardlab diff`. */
import { stat } from "node:fs/promises";
import { diffExitCode } from "../core/diff.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type DiffOptions, diffPaths, diffRevisions } from "../pipelines/diff.ts";
import { githubDiffFleetOutputs, githubDiffFleetSummary } from "../report/diff-fleet-tests.ts";
import { githubDiffOutputs, githubDiffSummary } from "../report/diff-github.ts";
import { checkDiffFormat, renderDiff } from "../report/render-diff.ts";
import { githubReviewDiffOutputs, githubReviewDiffSummary } from "../report/review-diff.ts";
import { prepareReports, writeReports } from "./reports.ts";
import type { Context } from "./run-command.ts";
import { tellGithub } from "./tell-github.ts";

export interface DiffFlags {
  report: string[];
  policy?: string;
  openssh?: string;
  allowOutside?: boolean;
  pull?: boolean;
  quiet?: boolean;
  color: boolean;
  /** There was a `--`: the first word is a revision, the second a path in it. */
  paths: boolean;
}

export async function diffCommand(
  before: string,
  after: readonly string[],
  flags: DiffFlags,
  { language, onEvent, signal }: Context,
): Promise<number> {
  const reports = await prepareReports(flags.report, checkDiffFormat);
  const options: DiffOptions = {
    ...(flags.policy === undefined ? {} : { policy: flags.policy }),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    allowOutside: flags.allowOutside,
    ...(flags.pull ? { pull: true } : {}),
    onEvent,
    signal,
  };
  const ofRevisions = flags.paths || (await isRange(before));
  const diff = ofRevisions ? await diffRevisions(before, after, options) : await diffPaths(before, onlyOne(after), options);
  await writeReports(reports, flags, (format, style) => renderDiff(format, diff, { ...style, language }));
  await tellGithub(reports, {
    annotations: () => renderDiff("github", diff),
    summary: () => summaryOf(diff),
    outputs: () => outputsOf(diff),
  });
  return diffExitCode(diff);
}

/** Without revisions, each side is one word. */
function onlyOne(words: readonly string[]): string {
  const [word, ...more] = words;
  if (word !== undefined && more.length === 0) return word;
  throw new UserError("option", "diff compares two sides", {
    fault: faultOf("sides-two", { words: words.length + 1 }),
    found: `${words.length + 1} paths`,
    expected: "BEFORE AFTER, each a path or a quoted pattern; or REVISION..REVISION -- POLICY…",
    todo: "put a pattern in quotes, or name the folder of policies",
  });
}

type AnyDiff = Awaited<ReturnType<typeof diffPaths>>;

function summaryOf(diff: AnyDiff): string {
  if (!("kind" in diff)) return githubDiffSummary(diff);
  return diff.kind === "diff-fleet" ? githubDiffFleetSummary(diff) : githubReviewDiffSummary(diff);
}

function outputsOf(diff: AnyDiff): string {
  if (!("kind" in diff)) return githubDiffOutputs(diff);
  return diff.kind === "diff-fleet" ? githubDiffFleetOutputs(diff) : githubReviewDiffOutputs(diff);
}

/** `npx` and scripts may have swallowed the `--`. */
async function isRange(text: string): Promise<boolean> {
  return /[^./]\.{2,3}([^./]|$)/.test(text) && !(await stat(text).catch(() => undefined));
}
