/** The report on a terminal: verdict, what is wrong and what to do, then the matrix. */
import { styleText } from "node:util";
import type { Result, Status } from "../core/result.ts";
import { type Finding, findingCells, findings, findingTitle } from "./findings.ts";
import { type Matrix, type MatrixRow, matrices } from "./matrix.ts";
import {
  adviceLines,
  clean,
  countsLine,
  deciderLine,
  familyWord,
  forwardLine,
  grantWord,
  outcomeSentence,
  outcomeSymbols,
  outcomeWords,
  placeText,
  provenanceLine,
  statusWords,
  symbols,
} from "./words.ts";

export interface TextOptions {
  color?: boolean;
  /** Columns of the terminal. Default 100. */
  width?: number;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const colors: Record<Status, Style> = {
  held: "green",
  violated: ["red", "bold"],
  waived: "magenta",
  inconclusive: "yellow",
  optional: "dim",
};

export function renderText(result: Result, options: TextOptions = {}): string {
  const width = Math.max(60, options.width ?? 100);
  const paint: Paint = (style, text) => (options.color ? styleText(style, text, { validateStream: false }) : text);
  const blocks = [
    verdictLine(result, paint),
    ...findings(result).map((finding) => findingBlock(finding, paint, width)),
    ...forwardFindings(result, paint, width),
    noteBlock(result, paint, width),
    forwardsBlock(result, paint),
    ...matrices(result).flatMap((matrix, _, all) => matrixBlocks(matrix, all.length > 1 || matrix.listensOn !== "server", paint, width)),
    footer(result, paint),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function verdictLine(result: Result, paint: Paint): string {
  const style: Style = result.outcome === "pass" ? ["green", "bold"] : result.outcome === "fail" ? ["red", "bold"] : ["yellow", "bold"];
  return `${paint(style, `${outcomeSymbols[result.outcome]} ${outcomeWords[result.outcome]}`)}  ${paint("bold", outcomeSentence(result))}  ${paint("dim", clean(result.policy.file))}`;
}

function findingBlock(finding: Finding, paint: Paint, width: number): string {
  const cells = findingCells(finding);
  const vantageWidth = Math.max(...cells.map((cell) => cell.vantage.length));
  const targetWidth = Math.max(...cells.map((cell) => cell.target.length));
  const seen = cells.map((cell) => `${cell.vantage.padEnd(vantageWidth)}  ${cell.target.padEnd(targetWidth)}  ${cell.evidence}`.trimEnd());
  return [
    paint(colors[finding.status], `${symbols[finding.status]} ${findingTitle(finding)}`),
    ...labelled("Expected", [paint("bold", finding.expected)], paint, width),
    ...labelled(
      "Observed",
      [
        paint("bold", finding.observed),
        ...(finding.status === "violated" ? seen : cells.map((cell) => `${cell.vantage.padEnd(vantageWidth)}  ${cell.target}`)),
      ],
      paint,
      width,
    ),
    ...(finding.status === "violated"
      ? labelled("Decided by", [finding.decider, ...finding.reasons], paint, width)
      : labelled("Because", finding.reasons, paint, width)),
    ...labelled("What to do", finding.advice, paint, width),
  ].join("\n");
}

function forwardFindings(result: Result, paint: Paint, width: number): string[] {
  if (result.reasons.some((reason) => reason.status === "inconclusive")) return [];
  return result.forwards
    .filter((forward) => forward.status === "violated" || forward.status === "inconclusive")
    .map((forward) =>
      [
        paint(
          colors[forward.status],
          `${symbols[forward.status]} ${forward.name}: ${forward.status === "inconclusive" ? "it is not known whether the server grants the forward" : forward.expected === "refused" ? "the server grants the forward and must not" : "the server refuses the forward and should grant it"}`,
        ),
        ...labelled("Expected", [paint("bold", forward.expected ?? "")], paint, width),
        ...labelled(
          "Observed",
          [paint("bold", grantWord(forward.granted)), `ssh ${clean(forward.ssh)} (${forward.from}, as ${forward.account})`],
          paint,
          width,
        ),
        ...(forward.decidedBy ? labelled("Decided by", [deciderLine(forward.decidedBy), clean(forward.decidedBy.text)], paint, width) : []),
        ...labelled("What to do", adviceLines(forward), paint, width),
      ].join("\n"),
    );
}

/** Waivers, warnings, and reasons that no cell tells. */
function noteBlock(result: Result, paint: Paint, width: number): string {
  const lines = result.reasons.flatMap(({ status, text }) => hanging(paint(colors[status], symbols[status]), clean(text), width));
  for (const waiver of result.waivers.filter((one) => one.state === "used")) {
    const covered = result.cells.filter((cell) => cell.waiver === waiver.id).length;
    lines.push(
      ...hanging(
        paint(colors.waived, symbols.waived),
        `waiver ${waiver.id} covers ${covered} ${covered === 1 ? "violation" : "violations"} (${waiver.forward} from ${waiver.vantage}) until ${waiver.expires}: ${clean(waiver.reason)} (${clean(waiver.owner)})`,
        width,
      ),
    );
  }
  for (const warning of result.warnings) lines.push(...hanging(paint("yellow", "!"), `warning: ${clean(warning)}`, width));
  return lines.join("\n");
}

function forwardsBlock(result: Result, paint: Paint): string {
  const nameWidth = Math.max(0, ...result.forwards.map((forward) => forward.name.length));
  return [
    paint("bold", "Forwards"),
    ...result.forwards.flatMap((forward) => [
      `  ${paint(colors[forward.status], symbols[forward.status])} ${forward.name.padEnd(nameWidth)}  ssh ${clean(forward.ssh)}  ${paint("dim", `${forward.from}, as ${forward.account}`)}`,
      `    ${" ".repeat(nameWidth)}  ${forwardLine(forward)}`,
    ]),
  ].join("\n");
}

/** The matrix, cut into several when the terminal is narrow. */
function matrixBlocks(matrix: Matrix, named: boolean, paint: Paint, width: number): string[] {
  const vantageWidth = Math.max(...matrix.rows.map((row) => row.vantage.length));
  const addressWidth = Math.max(...matrix.rows.map((row) => row.address.length));
  const left = 2 + vantageWidth + 2 + 6 + addressWidth;
  const columns = matrix.forwards.map((forward) => ({
    name: forward.name,
    width: Math.max(forward.name.length, ...matrix.rows.map((row) => cellText(row, forward.name).length)),
  }));
  const groups: (typeof columns)[] = [];
  let used = width;
  for (const column of columns) {
    if (used + 2 + column.width > width) {
      groups.push([]);
      used = left;
    }
    groups.at(-1)?.push(column);
    used += 2 + column.width;
  }
  const title = named ? `Who can reach it (listener on ${matrix.listensOn})` : "Who can reach it";
  return groups.map((group) => {
    const only = group.length === 1 && columns.length === 1 ? group[0] : undefined;
    const head = `${title.padEnd(left)}${group.map((column) => `  ${column.name.padEnd(column.width)}`).join("")}${only ? "  decided by" : ""}`;
    // Sockets' paths are rows of their own; those of another part are not repeated.
    const rows = matrix.rows.filter((row) => group.some(({ name }) => row.cells[name]));
    const lines = rows.map((row, index) => {
      const first = rows[index - 1]?.vantage !== row.vantage;
      const sameFamily = !first && rows[index - 1]?.family === row.family;
      const start = `  ${(first ? row.vantage : "").padEnd(vantageWidth)}  ${sameFamily ? "    " : familyWord(row.family)}  ${row.address.padEnd(addressWidth)}`;
      const cells = group.map((column) => {
        const cell = row.cells[column.name];
        const text = cellText(row, column.name).padEnd(column.width);
        return `  ${cell ? paint(colors[cell.status], text) : text}`;
      });
      const decider = only && row.cells[only.name]?.decidedBy;
      const why = decider ? `  ${[decider.layer, placeText(decider)].filter((part) => part).join("  ")}` : "";
      return `${start}${cells.join("")}${left + 2 + (only?.width ?? 0) + why.length <= width ? paint("dim", why) : ""}`.trimEnd();
    });
    return [paint("bold", head.trimEnd()), ...lines].join("\n");
  });
}

function cellText(row: MatrixRow, forward: string): string {
  const cell = row.cells[forward];
  return cell ? `${symbols[cell.status]} ${cell.observed}` : "";
}

function footer(result: Result, paint: Paint): string {
  const present = (Object.keys(symbols) as Status[]).filter(
    (status) => result.counts[status] > 0 || result.cells.some((cell) => cell.status === status),
  );
  return [
    `${present.map((status) => `${paint(colors[status], symbols[status])} ${statusWords[status]}`).join("   ")}`,
    countsLine(result),
    paint("dim", clean(provenanceLine(result))),
  ].join("\n");
}

const labelWidth = 16;

/** `    Expected    text`, further texts below the first, each wrapped. */
function labelled(label: string, texts: readonly string[], paint: Paint, width: number): string[] {
  return texts
    .flatMap((text) => wrap(text, width - labelWidth))
    .map((line, index) => `${index === 0 ? `    ${paint("dim", label.padEnd(labelWidth - 4))}` : " ".repeat(labelWidth)}${line}`);
}

function hanging(mark: string, text: string, width: number): string[] {
  return wrap(text, width - 2).map((line, index) => `${index === 0 ? mark : " "} ${line}`);
}

/** Lines of at most `width` columns, broken at spaces; a longer word stays whole. Runs of spaces (columns) survive. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const room = rest.lastIndexOf(" ", width);
    const at = room > 0 ? room : rest.indexOf(" ", width);
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
