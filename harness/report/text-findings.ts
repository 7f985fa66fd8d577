/** Findings on a terminal: what failed; expected and observed; what decided; what to change. */
import type { Finding } from "./findings.ts";
import type { Paint } from "./text-style.ts";
import { statusColors } from "./text-style.ts";
import { symbols } from "./words.ts";
import { columnsOf, hanging, wrap } from "./wrap.ts";

/** Lines of vantage points and targets, and sentences, before the rest is only counted. */
const mostLines = 6;
const labelWidth = 16;

export function findingBlock(finding: Finding, paint: Paint, width: number): string {
  const label = (name: string, texts: readonly string[]) => labelled(name, texts, paint, width);
  const [first = "", ...rest] = hanging(symbols[finding.status], finding.title, width);
  return [
    ...[first, ...rest].map((line) => paint(statusColors[finding.status], line)),
    ...label("Expected", [paint("bold", finding.expected)]),
    ...label("Observed", [paint("bold", finding.observed), ...cut(seenLines(finding))]),
    ...label(
      finding.status === "violated" ? "Decided by" : "Because",
      [finding.decider, ...cut(finding.reasons)].filter((text) => text !== ""),
    ),
    ...label("Remedy", finding.remedies),
    ...finding.patches.flatMap((patch) =>
      patch
        .trimEnd()
        .split("\n")
        .map((line) => `      ${line}`),
    ),
    ...label("Next", finding.next),
  ].join("\n");
}

/** Targets of a vantage point before they are only counted. */
const mostTargets = 2;

function seenLines({ seen, visitors, logs }: Finding): string[] {
  if (logs) return seen.map(({ who, target }) => `${target}  (${who})`);
  const lines = visitors.map(({ who, targets, from }) => ({
    who,
    target: targets.length > mostTargets ? `${targets.length} targets` : targets.join(", "),
    seenAs: from.length === 0 ? "" : `seen as ${from.join(", ")}`,
  }));
  const whoWidth = Math.max(...lines.map(({ who }) => who.length));
  const targetWidth = Math.max(...lines.map(({ target }) => target.length));
  return lines.map(({ who, target, seenAs }) => `${who.padEnd(whoWidth)}  ${target.padEnd(targetWidth)}  ${seenAs}`.trimEnd());
}

export function cut(lines: readonly string[]): string[] {
  return lines.length <= mostLines ? [...lines] : [...lines.slice(0, mostLines - 1), `… and ${lines.length - mostLines + 1} more`];
}

/** `    Expected    text`, further texts below the first, each wrapped. */
export function labelled(label: string, texts: readonly string[], paint: Paint, width: number): string[] {
  return texts
    .flatMap((text) => wrap(text, width - labelWidth))
    .map(
      (line, index) =>
        `${index === 0 ? `    ${paint("dim", label + " ".repeat(Math.max(1, labelWidth - 4 - columnsOf(label))))}` : " ".repeat(labelWidth)}${line}`,
    );
}
