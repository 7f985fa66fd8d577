/** A comparison on a terminal: newly open first, then what is not known, then everything else, each once. */

import type { CellChange } from "../core/cell-change.ts";
import type { Diff, DiffOutcome } from "../core/diff.ts";
import { type DiffGroup, diffGroups } from "./diff-groups.ts";
import { groupTitle, headline, type MarkedLine, restLine, sections, sideLines, sidesText } from "./diff-lines.ts";
import type { DiffWords } from "./diff-word-table.ts";
import { diffWords } from "./diff-words.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import type { TextOptions } from "./text.ts";
import { cut, labelled } from "./text-findings.ts";
import { type Paint, painter, type Style } from "./text-style.ts";
import { warningsIn } from "./warnings.ts";
import { cleanLine } from "./words.ts";
import { hanging, wrap } from "./wrap.ts";

export interface DiffTextOptions extends TextOptions {
  /** Default: English. */
  language?: Language;
}

export const outcomeMarks: Record<DiffOutcome, string> = { "exposure-added": "✘", "no-exposure-added": "✔", inconclusive: "?" };
export const outcomeStyles: Record<DiffOutcome, Style> = {
  "exposure-added": ["red", "bold"],
  "no-exposure-added": ["green", "bold"],
  inconclusive: ["yellow", "bold"],
};

/** Never colour alone. */
export const changeMarks: Record<CellChange, string> = {
  opened: "✘",
  unknown: "?",
  weaker: "!",
  closed: "✔",
  replaced: "~",
  stronger: "✔",
  other: "~",
  decider: "~",
  added: "+",
  removed: "-",
};
const changeStyles: Record<CellChange, Style> = {
  opened: ["red", "bold"],
  unknown: "yellow",
  weaker: "yellow",
  closed: "green",
  replaced: "magenta",
  stronger: "green",
  other: "magenta",
  decider: "dim",
  added: "dim",
  removed: "dim",
};
const markStyles: Record<MarkedLine["mark"], Style> = { "+": "green", "-": "red", "~": "magenta", "?": "yellow" };

interface Context {
  words: DiffWords;
  language: Language;
  paint: Paint;
  width: number;
}

export function renderDiffText(diff: Diff, options: DiffTextOptions = {}): string {
  const language = options.language ?? "en";
  const words = diffWords[language];
  const context: Context = { words, language, paint: painter(options.color ?? false), width: Math.max(60, options.width ?? 100) };
  const blocks = [
    headBlock(diff, context),
    ...diffGroups(diff).map((group) => groupBlock(group, context)),
    ...sections(diff, words).map((section) => markedBlock(section, context)),
    warningsIn(diff, language)
      .flatMap((warning) => hanging(context.paint("yellow", "!"), `${words.warning}: ${cleanLine(warning)}`, context.width))
      .join("\n"),
    wrap(restLine(diff, words), context.width).join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function headBlock(diff: Diff, { words, paint, width }: Context): string {
  const { verdict, summary } = headline(diff, words);
  const outcome = `${outcomeMarks[diff.outcome]} ${verdict}`;
  const [first = "", ...rest] = wrap(`${outcome}  ${summary}`, width);
  return [
    first.replace(outcome, paint(outcomeStyles[diff.outcome], outcome)),
    ...rest,
    ...wrap(sidesText(diff), width).map((line) => paint("dim", line)),
  ].join("\n");
}

function groupBlock(group: DiffGroup, context: Context): string {
  const { words, language, paint, width } = context;
  const label = (name: string, texts: readonly string[]) => labelled(name, texts, paint, width);
  return [
    ...hanging(changeMarks[group.change], groupTitle(group, words), width).map((line) => paint(changeStyles[group.change], line)),
    ...label(words.before, sideLines(group, "before", words, language)),
    ...label(words.after, sideLines(group, "after", words, language)),
    ...label(words.at, cut(targetLines(group, words), resultWords[language].more)),
  ].join("\n");
}

/** Targets of a vantage point before they are only counted. */
const mostTargets = 2;

/** The title names the visitors: they are told again only where not all of them have the same targets. */
function targetLines({ visitors }: DiffGroup, words: DiffWords): string[] {
  const text = ({ targets }: DiffGroup["visitors"][number]) =>
    cleanLine(targets.length > mostTargets ? words.targets(targets.length) : targets.join(", "));
  const alike = [...Map.groupBy(visitors, ({ targets }) => JSON.stringify(targets)).values()].map((group) => ({
    who: group.map(({ who }) => cleanLine(who)).join(", "),
    targets: text(group[0] as (typeof group)[number]),
  }));
  const whoWidth = Math.max(...alike.map(({ who }) => who.length));
  return alike.map(({ who, targets }) => (alike.length === 1 ? targets : `${who.padEnd(whoWidth)}  ${targets}`));
}

/** A longer name has its line for itself. */
const widestName = 20;

function markedBlock({ title, lines }: { title: string; lines: readonly MarkedLine[] }, { paint, width }: Context): string {
  const nameWidth = Math.min(widestName, Math.max(...lines.map(({ name }) => name.length)));
  return [
    paint("bold", title),
    ...lines.flatMap(({ mark, name, text }) => {
      const told = wrap(text, width - nameWidth - 6);
      const start = `  ${paint(markStyles[mark], mark)} ${name.padEnd(nameWidth)}`;
      const [first = "", ...rest] = name.length > nameWidth ? ["", ...told] : told;
      return [`${start}  ${first}`.trimEnd(), ...rest.map((line) => `${" ".repeat(nameWidth + 6)}${line}`)];
    }),
  ].join("\n");
}
