/** Everything that is not as it should be, as flat as annotations are. */
import type { Result, ResultCell } from "../core/result.ts";
import { type FilePlace, placeOfCell, placeOfForward } from "./places.ts";
import { adviceLines, cellName, expectedWord, grantWord, whyText } from "./words.ts";

export interface Problem {
  /** Stable name of the kind, e.g. `exposed`. */
  rule: RuleId;
  level: "error" | "warning";
  title: string;
  message: string;
  place: FilePlace;
  /** What makes it the same problem in another run. */
  identity: string[];
  cell?: ResultCell;
}

export const rules = {
  exposed: "A forwarded port is reachable from where it must not be",
  "not-reachable": "A forwarded port is not reachable from where it should be",
  "other-verdict": "A forwarded port is blocked or answered differently than the policy expects",
  "forward-granted": "The server grants a forward that it must refuse",
  "forward-refused": "The server refuses a forward that it should grant",
  "waiver-expired": "A waiver is expired or unused",
  inconclusive: "An expectation could be neither proven nor refuted",
  warning: "A warning that may limit what the verdicts mean",
} as const;
export type RuleId = keyof typeof rules;

/** Violations that no waiver covers first, then what is inconclusive and the warnings (level `warning`). */
export function problems(result: Result): Problem[] {
  const found: Problem[] = [];
  for (const forward of result.forwards) {
    if (forward.status !== "violated" && forward.status !== "inconclusive") continue;
    found.push({
      rule: forward.status === "inconclusive" ? "inconclusive" : forward.expected === "refused" ? "forward-granted" : "forward-refused",
      level: forward.status === "violated" ? "error" : "warning",
      title: `${forward.name}: the forward is ${grantWord(forward.granted)}`,
      message: [`expected ${forward.expected}, observed ${grantWord(forward.granted)}.`, whyText(forward), ...adviceLines(forward)]
        .filter((part) => part)
        .join(" "),
      place: placeOfForward(result, forward.name),
      identity: [forward.name],
    });
  }
  for (const cell of result.cells) {
    if (cell.status !== "violated" && cell.status !== "inconclusive") continue;
    found.push({
      rule: ruleOf(cell),
      level: cell.status === "violated" ? "error" : "warning",
      title: `${cell.forward}: ${cellName(cell)}`,
      message: [`expected ${expectedWord(cell.expected)}, observed ${cell.observed}.`, whyText(cell), ...adviceLines(cell)]
        .filter((part) => part)
        .join(" "),
      place: placeOfCell(result, cell),
      identity: [cell.forward, cell.vantage, String(cell.family), cell.target, ...[cell.via, cell.as].filter((part) => part !== undefined)],
      cell,
    });
  }
  for (const { status, text } of result.reasons) {
    found.push({
      rule: status === "violated" ? "waiver-expired" : "inconclusive",
      level: status === "violated" ? "error" : "warning",
      title: "forwardlab",
      message: text,
      place: { file: placeOfForward(result, "").file, line: 1 },
      identity: [text],
    });
  }
  for (const warning of result.warnings) {
    const place = { file: placeOfForward(result, "").file, line: 1 };
    found.push({ rule: "warning", level: "warning", title: "forwardlab", message: warning, place, identity: [warning] });
  }
  return found.sort((one, other) => Number(one.level === "warning") - Number(other.level === "warning"));
}

function ruleOf(cell: ResultCell): RuleId {
  if (cell.status === "inconclusive") return "inconclusive";
  if (cell.observed === "reached") return "exposed";
  return cell.expected === "reachable" || cell.expected === "reached" ? "not-reachable" : "other-verdict";
}
