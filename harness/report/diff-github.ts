/** A comparison for GitHub Actions: annotations where exposure was added, a summary and outputs. */
import type { Diff } from "../core/diff.ts";
import { type DiffGroup, diffGroups } from "./diff-groups.ts";
import { groupTitle, headline, sideLines } from "./diff-lines.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { diffWords } from "./diff-words.ts";
import { annotations, shortSummary } from "./github.ts";
import { besidePolicy, type FilePlace, tidy } from "./places.ts";

const words = diffWords.en;
const levels = { opened: "error", unknown: "warning", weaker: "warning" } as const;

export function renderDiffGithub(diff: Diff): string {
  const told = diffGroups(diff).flatMap((group) => {
    const level = group.change in levels ? levels[group.change as keyof typeof levels] : undefined;
    if (!level) return [];
    const message = [
      `${words.before}: ${sideLines(group, "before", words, "en").join("; ")}`,
      `${words.after}: ${sideLines(group, "after", words, "en").join("; ")}`,
    ].join("\n");
    return [{ level, title: groupTitle(group, words), message, place: placeOf(diff, group) }];
  });
  const { verdict, summary } = headline(diff, words);
  return `${[...annotations(told), `${verdict}: ${summary}`].join("\n")}\n`;
}

function placeOf({ after: { policy } }: Diff, { after }: DiffGroup): FilePlace {
  const by = after?.decidedBy ?? after?.unproven;
  return by?.file === undefined ? { file: tidy(policy), line: 1 } : { file: besidePolicy(policy, by.file), line: by.line ?? 1 };
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
