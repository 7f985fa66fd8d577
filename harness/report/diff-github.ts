/** A comparison for GitHub Actions: annotations where exposure was added, a summary and outputs. */
import type { Diff } from "../core/diff.ts";
import { headline } from "./diff-lines.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { diffProblems } from "./diff-problems.ts";
import { diffWords } from "./diff-words.ts";
import { annotations, shortSummary } from "./github.ts";

const words = diffWords.en;

export function renderDiffGithub(diff: Diff): string {
  const { verdict, summary } = headline(diff, words);
  return `${[...annotations(diffProblems(diff)), `${verdict}: ${summary}`].join("\n")}\n`;
}

/** Markdown for `$GITHUB_STEP_SUMMARY`. */
export function githubDiffSummary(diff: Diff): string {
  return shortSummary(renderDiffMarkdown(diff));
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubDiffOutputs({ outcome, counts }: Diff): string {
  return [`outcome=${outcome}`, ...Object.entries(counts).map(([change, count]) => `${change}=${count}`)]
    .map((line) => `${line}\n`)
    .join("");
}
