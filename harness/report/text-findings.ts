/** Findings on a terminal: what failed; expected and observed; what decided; what to change. */
import type { Finding } from "./findings.ts";
import type { ResultWords } from "./result-word-table.ts";
import type { Paint } from "./text-style.ts";
import { statusColors } from "./text-style.ts";
import { symbols } from "./words.ts";
import { columnsOf, hanging, padColumns, wrap } from "./wrap.ts";

/** Lines of vantage points and targets, and sentences, before the rest is only counted. */
const mostLines = 6;
const labelWidth = 16;

export function findingBlock(finding: Finding, words: ResultWords, paint: Paint, width: number): string {
  const label = (name: string, texts: readonly string[]) => labelled(name, texts, paint, width);
  const [first = "", ...rest] = hanging(symbols[finding.status], finding.title, width);
  return [
    ...[first, ...rest].map((line) => paint(statusColors[finding.status], line)),
    ...label(words.labels.expected, [paint("bold", finding.expected)]),
    ...label(words.labels.observed, [paint("bold", finding.observed), ...cut(seenLines(finding, words, width - labelWidth), words.more)]),
    ...label(
      finding.status === "violated" ? words.labels.decidedBy : words.labels.because,
      [finding.decider, ...cut(finding.reasons, words.more)].filter((text) => text !== ""),
    ),
    ...label(words.labels.remedy, finding.remedies),
    ...finding.patches.flatMap((patch) =>
      patch
        .trimEnd()
        .split("\n")
        .map((line) => `      ${line}`),
    ),
    ...label(words.labels.next, finding.next),
  ].join("\n");
}

/** Targets of a vantage point before they are only counted. */
const mostTargets = 2;

/** One text for each visitor; where a line would be too long, its source on a line of its own. */
function seenLines({ seen, visitors, logs }: Finding, words: ResultWords, width: number): string[] {
  if (logs) return seen.map(({ who, target }) => `${target}  (${who})`);
  const lines = visitors.map(({ who, targets, from }) => ({
    who,
    target: targets.length > mostTargets ? words.targets(targets.length) : targets.join(", "),
    seenAs: from.length === 0 ? "" : words.seenAs(from),
  }));
  const whoWidth = Math.max(...lines.map(({ who }) => columnsOf(who)));
  const targetWidth = Math.max(...lines.map(({ target }) => columnsOf(target)));
  return lines.map(({ who, target, seenAs }) => {
    const line = `${padColumns(who, whoWidth)}  ${padColumns(target, targetWidth)}  ${seenAs}`.trimEnd();
    return columnsOf(line) <= width || seenAs === "" ? line : `${padColumns(who, whoWidth)}  ${target}\n${" ".repeat(whoWidth)}  ${seenAs}`;
  });
}

/** @param more in place of the lines that are left out */
export function cut(lines: readonly string[], more: (count: number) => string): string[] {
  return lines.length <= mostLines ? [...lines] : [...lines.slice(0, mostLines - 1), more(lines.length - mostLines + 1)];
}

/** `    Expected    text`, further texts below the first, each wrapped. */
export function labelled(label: string, texts: readonly string[], paint: Paint, width: number): string[] {
  return texts
    .flatMap((text) => text.split("\n"))
    .flatMap((text) => wrap(text, width - labelWidth))
    .map(
      (line, index) =>
        `${index === 0 ? `    ${paint("dim", label + " ".repeat(Math.max(1, labelWidth - 4 - columnsOf(label))))}` : " ".repeat(labelWidth)}${line}`,
    );
}
