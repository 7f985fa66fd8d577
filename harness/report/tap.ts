/** TAP 14. */
import { stringify } from "yaml";
import type { Result, Status } from "../core/result.ts";
import {
  adviceLines,
  cellName,
  clean,
  deciderLine,
  evidenceLine,
  expectedOfForward,
  expectedWord,
  forwardLine,
  isExpected,
  observedOfForward,
  outcomeSentence,
  whyText,
} from "./words.ts";

export interface TapPoint {
  ok: boolean;
  text: string;
  directive?: string;
  diagnostics?: Record<string, unknown>;
}

/** One test point per cell and per expectation of a forward; `Bail out!` when there is no trustworthy verdict. */
export function renderTap(result: Result): string {
  return tapText(tapPoints(result), result.warnings, result.outcome === "inconclusive" ? outcomeSentence(result) : undefined);
}

export function tapPoints(result: Result): TapPoint[] {
  return [
    ...result.forwards
      .filter((forward) => forward.expected !== null)
      .map((forward): TapPoint => {
        const text = `${forward.name}: the forward is ${expectedOfForward(forward)}`;
        const told = {
          expected: expectedOfForward(forward),
          observed: observedOfForward(forward),
          ssh: forward.ssh,
          outcome: forwardLine(forward),
          advice: adviceLines(forward),
        };
        return { ok: forward.status === "held", text, ...(forward.status === "held" ? {} : { diagnostics: told }) };
      }),
    ...result.cells.filter(isExpected).map((cell): TapPoint => {
      const bad = cell.status !== "held";
      return {
        ok: !bad,
        text: `${cell.forward}: ${cellName(cell)} is ${expectedWord(cell.expected)}`,
        directive: directive(cell.status, cell.waiver),
        ...(bad
          ? {
              diagnostics: {
                expected: cell.expected,
                observed: cell.observed,
                decidedBy: deciderLine(cell.decidedBy),
                why: whyText(cell),
                advice: adviceLines(cell),
                evidence: evidenceLine(cell),
              },
            }
          : {}),
      };
    }),
    ...result.reasons.map(({ text }): TapPoint => ({ ok: false, text })),
  ];
}

/** @param bail why there is no trustworthy verdict */
export function tapText(points: readonly TapPoint[], warnings: readonly string[], bail: string | undefined): string {
  const lines = [
    "TAP version 14",
    `1..${points.length}`,
    ...warnings.map((warning) => `# warning: ${clean(warning).replaceAll("\n", " ")}`),
  ];
  points.forEach((point, index) => {
    lines.push(
      `${point.ok ? "ok" : "not ok"} ${index + 1} - ${escapeTap(point.text)}${point.directive === undefined ? "" : ` # ${point.directive}`}`,
    );
    if (point.diagnostics) lines.push("  ---", ...yamlLines(point.diagnostics), "  ...");
  });
  if (bail !== undefined) lines.push(`Bail out! ${escapeTap(bail)}`);
  return `${lines.join("\n")}\n`;
}

function directive(status: Status, waiver: string | null): string | undefined {
  return status === "waived" ? `TODO waived by ${escapeTap(waiver ?? "")}` : undefined;
}

function yamlLines(value: Record<string, unknown>): string[] {
  const known = Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === undefined || one === "" || (Array.isArray(one) && one.length === 0) ? [] : [[key, cleaned(one)]],
    ),
  );
  return stringify(known, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);
}

/** Every text in it. */
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  return Array.isArray(value) ? value.map(cleaned) : value;
}

/** `#` starts a directive and `\` escapes, so both are escaped; a description is one line. */
function escapeTap(text: string): string {
  return clean(text).replaceAll("\\", "\\\\").replaceAll("#", "\\#").replaceAll("\n", " ");
}
