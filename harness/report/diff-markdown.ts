/** A comparison in Markdown, short enough for a comment on a pull request. */

import type { Diff } from "../core/diff.ts";
import { type DiffGroup, diffGroups } from "./diff-groups.ts";
import { groupTitle, headline, type MarkedLine, restLine, sections, sideLines, sidesText } from "./diff-lines.ts";
import { changeMarks, type DiffTextOptions, outcomeMarks } from "./diff-text.ts";
import { diffWords } from "./diff-words.ts";
import { codeText, details, escapeMarkdown, table } from "./markdown.ts";
import { warningsIn } from "./warnings.ts";

/** Changes of this kind are unfolded; the others are not what a reviewer looks for first. */
const unfolded = ["opened", "unknown", "weaker", "closed", "replaced", "stronger", "other"];

export function renderDiffMarkdown(diff: Diff, { language = "en" }: Pick<DiffTextOptions, "language"> = {}): string {
  const words = diffWords[language];
  const { verdict, summary } = headline(diff, words);
  const groups = diffGroups(diff);
  const row = (group: DiffGroup) => [
    changeMarks[group.change],
    escapeMarkdown(groupTitle(group, words)),
    escapeMarkdown(sideLines(group, "before", words, language).join("; ")),
    escapeMarkdown(sideLines(group, "after", words, language).join("; ")),
  ];
  const tableOf = (some: readonly DiffGroup[]) => (some.length === 0 ? "" : table(["", "", words.before, words.after], some.map(row)));
  const first = groups.filter(({ change }) => unfolded.includes(change));
  const rest = groups.filter(({ change }) => !unfolded.includes(change));
  const probes = groups
    .filter(({ change }) => unfolded.includes(change))
    .flatMap((group) => group.visitors.map(({ who, targets }) => ({ group, who, targets })));
  const blocks = [
    `## ${outcomeMarks[diff.outcome]} ${verdict}: ${escapeMarkdown(summary)}`,
    escapeMarkdown(sidesText(diff)),
    tableOf(first),
    ...sections(diff, words).map(section),
    warningsIn(diff, language)
      .map((warning) => `- ${words.warning}: ${escapeMarkdown(warning)}`)
      .join("\n"),
    rest.length === 0 ? "" : details(words.otherChanges(rest.reduce((sum, { cells }) => sum + cells.length, 0)), tableOf(rest)),
    probes.length === 0
      ? ""
      : details(
          words.addresses,
          table(
            ["", words.at, ""],
            probes.map(({ group, who, targets }) => [
              changeMarks[group.change],
              escapeMarkdown(`${group.forwards.join(", ")}: ${who}`),
              targets.map((target) => `\`${codeText(target)}\``).join("<br>"),
            ]),
          ),
        ),
    escapeMarkdown(restLine(diff, words)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function section({ title, lines }: { title: string; lines: readonly MarkedLine[] }): string {
  return [
    `### ${title}`,
    lines.map(({ mark, name, text }) => `- \`${mark}\` **${escapeMarkdown(name)}** ${escapeMarkdown(text)}`).join("\n"),
  ].join("\n\n");
}
