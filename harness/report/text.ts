/** The report on a terminal: verdict, what is wrong and what to change, then the matrix. Short when all is well. */

import type { Result, Status } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import { findings } from "./findings.ts";
import { inLanguage } from "./in-language.ts";
import { matrices } from "./matrix.ts";
import type { ResultWords } from "./result-word-table.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { findingBlock } from "./text-findings.ts";
import { matrixBlocks } from "./text-matrix.ts";
import { sourcesBlock } from "./text-sources.ts";
import { type Paint, painter, type Style, statusColors } from "./text-style.ts";
import { warningsIn } from "./warnings.ts";
import { accountAt, clean, outcomeSymbols, symbols } from "./words.ts";
import { hanging } from "./wrap.ts";

export interface TextOptions {
  color?: boolean;
  /** Columns of the terminal. Default 100. */
  width?: number;
  /** Default: English. */
  language?: Language;
}

export function renderText(given: Result, options: TextOptions = {}): string {
  const language = options.language ?? "en";
  const words = resultWords[language];
  const result = inLanguage(given, language);
  const width = Math.max(60, options.width ?? 100);
  const paint = painter(options.color ?? false);
  const short = result.outcome === "pass";
  const blocks = [
    verdictLine(result, words, paint),
    ...findings(result, language).map((finding) => findingBlock(finding, words, paint, width)),
    noteBlock(result, language, paint, width),
    forwardsBlock(result, words, paint, short),
    ...matrices(result, language).flatMap((matrix, _, all) =>
      matrixBlocks(matrix, { named: all.length > 1 || matrix.listensOn !== "server", short, words, paint, width }),
    ),
    sourcesBlock(result, language, paint, width),
    footer(result, words, paint),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

export const outcomeColors: Record<Result["outcome"], Style> = {
  pass: ["green", "bold"],
  fail: ["red", "bold"],
  inconclusive: ["yellow", "bold"],
};

function verdictLine(result: Result, words: ResultWords, paint: Paint): string {
  const verdict = paint(outcomeColors[result.outcome], `${outcomeSymbols[result.outcome]} ${words.outcome[result.outcome]}`);
  return `${verdict}  ${paint("bold", words.outcomeSentence(result))}  ${paint("dim", clean(result.policy.file))}`;
}

/** Waivers, warnings, and reasons that no cell tells. */
function noteBlock(result: Result, language: Language, paint: Paint, width: number): string {
  const words = resultWords[language];
  const covered = (id: string) => result.cells.filter((cell) => cell.waiver === id).length;
  return [
    ...result.reasons.flatMap(({ status, text }) => hanging(paint(statusColors[status], symbols[status]), clean(text), width)),
    ...result.waivers
      .filter(({ state }) => state === "used")
      .flatMap((waiver) => hanging(paint(statusColors.waived, symbols.waived), words.waiver(waiver, covered(waiver.id)), width)),
    ...warningsIn(result, language).flatMap((warning) => hanging(paint("yellow", "!"), words.warning(clean(warning)), width)),
  ].join("\n");
}

function forwardsBlock(result: Result, words: ResultWords, paint: Paint, short: boolean): string {
  const nameWidth = Math.max(0, ...result.forwards.map((forward) => forward.name.length));
  return [
    paint("bold", words.forwards),
    ...result.forwards.flatMap((forward) => {
      const start = `  ${paint(statusColors[forward.status], symbols[forward.status])} ${forward.name.padEnd(nameWidth)}  `;
      const command = `${clean(typedCommand(forward.ssh))}  ${paint("dim", words.login(forward.from, accountAt(forward)))}`;
      return short
        ? [`${start}${words.forwardLine(forward)}`]
        : [`${start}${command}`, `    ${" ".repeat(nameWidth)}  ${words.forwardLine(forward)}`];
    }),
  ].join("\n");
}

function footer(result: Result, words: ResultWords, paint: Paint): string {
  const present = (Object.keys(symbols) as Status[]).filter(
    (status) => result.counts[status] > 0 || result.cells.some((cell) => cell.status === status),
  );
  return [
    `${present.map((status) => `${paint(statusColors[status], symbols[status])} ${words.status[status]}`).join("   ")}`,
    words.counts(result.counts),
    paint("dim", clean(words.provenance(result.provenance))),
  ].join("\n");
}
