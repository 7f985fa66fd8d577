/** The report on a terminal: verdict, what is wrong and what to change, then the matrix. Short when all is well. */

import type { Result, Status } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import { findings } from "./findings.ts";
import { matrices } from "./matrix.ts";
import { findingBlock } from "./text-findings.ts";
import { matrixBlocks } from "./text-matrix.ts";
import { sourcesBlock } from "./text-sources.ts";
import { type Paint, painter, type Style, statusColors } from "./text-style.ts";
import {
  accountAt,
  clean,
  countsLine,
  forwardLine,
  outcomeSentence,
  outcomeSymbols,
  outcomeWords,
  provenanceLine,
  statusWords,
  symbols,
  waiverText,
} from "./words.ts";
import { hanging } from "./wrap.ts";

export interface TextOptions {
  color?: boolean;
  /** Columns of the terminal. Default 100. */
  width?: number;
}

export function renderText(result: Result, options: TextOptions = {}): string {
  const width = Math.max(60, options.width ?? 100);
  const paint = painter(options.color ?? false);
  const short = result.outcome === "pass";
  const blocks = [
    verdictLine(result, paint),
    ...findings(result).map((finding) => findingBlock(finding, paint, width)),
    noteBlock(result, paint, width),
    forwardsBlock(result, paint, short),
    ...matrices(result).flatMap((matrix, _, all) =>
      matrixBlocks(matrix, { named: all.length > 1 || matrix.listensOn !== "server", short, paint, width }),
    ),
    sourcesBlock(result, paint, width),
    footer(result, paint),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

export const outcomeColors: Record<Result["outcome"], Style> = {
  pass: ["green", "bold"],
  fail: ["red", "bold"],
  inconclusive: ["yellow", "bold"],
};

function verdictLine(result: Result, paint: Paint): string {
  const verdict = paint(outcomeColors[result.outcome], `${outcomeSymbols[result.outcome]} ${outcomeWords[result.outcome]}`);
  return `${verdict}  ${paint("bold", outcomeSentence(result))}  ${paint("dim", clean(result.policy.file))}`;
}

/** Waivers, warnings, and reasons that no cell tells. */
function noteBlock(result: Result, paint: Paint, width: number): string {
  const covered = (id: string) => result.cells.filter((cell) => cell.waiver === id).length;
  return [
    ...result.reasons.flatMap(({ status, text }) => hanging(paint(statusColors[status], symbols[status]), clean(text), width)),
    ...result.waivers
      .filter(({ state }) => state === "used")
      .flatMap((waiver) => hanging(paint(statusColors.waived, symbols.waived), waiverText(waiver, covered(waiver.id)), width)),
    ...result.warnings.flatMap((warning) => hanging(paint("yellow", "!"), `warning: ${clean(warning)}`, width)),
  ].join("\n");
}

function forwardsBlock(result: Result, paint: Paint, short: boolean): string {
  const nameWidth = Math.max(0, ...result.forwards.map((forward) => forward.name.length));
  return [
    paint("bold", "Forwards"),
    ...result.forwards.flatMap((forward) => {
      const start = `  ${paint(statusColors[forward.status], symbols[forward.status])} ${forward.name.padEnd(nameWidth)}  `;
      const command = `${clean(typedCommand(forward.ssh))}  ${paint("dim", `${forward.from}, as ${accountAt(forward)}`)}`;
      return short ? [`${start}${forwardLine(forward)}`] : [`${start}${command}`, `    ${" ".repeat(nameWidth)}  ${forwardLine(forward)}`];
    }),
  ].join("\n");
}

function footer(result: Result, paint: Paint): string {
  const present = (Object.keys(symbols) as Status[]).filter(
    (status) => result.counts[status] > 0 || result.cells.some((cell) => cell.status === status),
  );
  return [
    `${present.map((status) => `${paint(statusColors[status], symbols[status])} ${statusWords[status]}`).join("   ")}`,
    countsLine(result),
    paint("dim", clean(provenanceLine(result))),
  ].join("\n");
}
