/** `forwardlab diff`. */
import { stat } from "node:fs/promises";
import { diffExitCode } from "../core/diff.ts";
import { type DiffOptions, diffPaths, diffRevisions } from "../pipelines/diff.ts";
import { githubDiffOutputs, githubDiffSummary } from "../report/diff-github.ts";
import { checkDiffFormat, renderDiff } from "../report/render-diff.ts";
import { githubReviewDiffOutputs, githubReviewDiffSummary } from "../report/review-diff.ts";
import { languageOf } from "./language.ts";
import { prepareReports, writeReports } from "./reports.ts";
import type { Context } from "./run-command.ts";
import { tellGithub } from "./tell-github.ts";

export interface DiffFlags {
  report: string[];
  policy?: string;
  openssh?: string;
  allowOutside?: boolean;
  pull?: boolean;
  lang: string;
  quiet?: boolean;
  color: boolean;
  /** There was a `--`: the first word is a revision, the second a path in it. */
  paths: boolean;
}

export async function diffCommand(before: string, after: string, flags: DiffFlags, { onEvent, signal }: Context): Promise<number> {
  const language = languageOf(flags.lang);
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
  const diff = await (ofRevisions ? diffRevisions : diffPaths)(before, after, options);
  await writeReports(reports, flags, (format, style) => renderDiff(format, diff, { ...style, language }));
  await tellGithub(reports, {
    annotations: () => renderDiff("github", diff),
    summary: () => ("kind" in diff ? githubReviewDiffSummary(diff) : githubDiffSummary(diff)),
    outputs: () => ("kind" in diff ? githubReviewDiffOutputs(diff) : githubDiffOutputs(diff)),
  });
  return diffExitCode(diff);
}

/** `npx` and scripts may have swallowed the `--`. */
async function isRange(text: string): Promise<boolean> {
  return /[^./]\.{2,3}([^./]|$)/.test(text) && !(await stat(text).catch(() => undefined));
}
