/** Violations and open questions that have the same cause, told once. */
import type { Result, ResultCell } from "../core/result.ts";
import { adviceLines, clean, deciderLine, evidenceLine, familyWord, whyText } from "./words.ts";

/** Cells of one forward with the same expectation, observation and cause. */
export interface Finding {
  forward: string;
  status: "violated" | "inconclusive";
  expected: string;
  observed: string;
  cells: ResultCell[];
  decider: string;
  reasons: string[];
  advice: string[];
}

/** Violations first, then what is not known; in the order of the cells. */
export function findings(result: Result): Finding[] {
  const found = new Map<string, Finding>();
  for (const cell of result.cells) {
    if (cell.status !== "violated" && cell.status !== "inconclusive") continue;
    // A failed self-check is told once, not for every cell.
    if (cell.status === "inconclusive" && result.reasons.some((reason) => reason.code === cell.unproven?.code)) continue;
    const why = whyText(cell);
    const key = JSON.stringify([
      cell.forward,
      cell.status,
      cell.expected,
      cell.observed,
      deciderLine(cell.decidedBy),
      cell.status === "inconclusive" ? why : "",
    ]);
    const finding = found.get(key) ?? {
      forward: cell.forward,
      status: cell.status,
      expected: cell.expected ?? "",
      observed: cell.observed,
      cells: [],
      decider: deciderLine(cell.decidedBy),
      reasons: [],
      advice: [],
    };
    finding.cells.push(cell);
    addOnce(finding.reasons, clean(why));
    for (const line of adviceLines(cell)) addOnce(finding.advice, line);
    found.set(key, finding);
  }
  return [...found.values()].sort((one, other) => Number(one.status === "inconclusive") - Number(other.status === "inconclusive"));
}

function addOnce(list: string[], text: string | undefined): void {
  if (text && !list.includes(text)) list.push(text);
}

/** `internet and home reach rdp, and must not`. */
export function findingTitle(finding: Finding): string {
  const vantages = [...new Set(finding.cells.map((cell) => cell.vantage))];
  const families = [...new Set(finding.cells.map((cell) => familyWord(cell.family)))];
  const both =
    [...new Set(finding.cells.map((cell) => cell.vantage))].every(
      (vantage) => finding.cells.filter((cell) => cell.vantage === vantage).length >= 2,
    ) && families.length === 2;
  const unix = finding.cells.every((cell) => cell.family === null);
  const over =
    unix || both ? "" : ` over ${families.length === 1 ? `${families[0]} ${vantages.length > 0 ? "" : "only"}`.trim() : "IPv4 or IPv6"}`;
  const who = list(vantages);
  const plural = vantages.length > 1;
  if (finding.status === "inconclusive") return `${finding.forward}: it is not known whether ${who} can reach it${over}`;
  if (finding.observed === "reached") return `${finding.forward}: ${who} ${plural ? "reach" : "reaches"} it${over} and must not`;
  if (finding.expected === "reachable" || finding.expected === "reached")
    return `${finding.forward}: ${who} cannot reach it${over} and should`;
  return `${finding.forward}: ${who} should see \`${finding.expected}\`${over} and ${plural ? "see" : "sees"} \`${finding.observed}\``;
}

/** `a, b and c`. */
export function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Targets and evidence of a finding, one line per vantage point and target. */
export function findingCells(finding: Finding): { vantage: string; target: string; evidence: string }[] {
  return finding.cells.map((cell) => ({ vantage: cell.vantage, target: cell.target, evidence: evidenceLine(cell) }));
}
