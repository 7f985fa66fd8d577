/** Everything that is not as it should be, as flat as annotations are. */
import type { Result, ResultCell, ResultForward, ToldWarning } from "../core/result.ts";
import { type Finding, findings } from "./findings.ts";
import { type FilePlace, placeBeside, placeOfCell, placeOfForward, tidy } from "./places.ts";
import { adviceLines, cellName, expectedOfForward, expectedWord, list, observedOfForward, targetText, whyText } from "./words.ts";

/** As people read it. */
export interface ToldProblem {
  level: "error" | "warning";
  title: string;
  message: string;
  place: FilePlace;
}

export interface Problem extends ToldProblem {
  /** Stable name of the kind, e.g. `exposed`. */
  rule: RuleId;
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
  "forward-kept": "The server keeps a port open for too long after its client has gone silent",
  "waiver-expired": "A waiver is expired or unused",
  inconclusive: "An expectation could be neither proven nor refuted",
  warning: "A warning that may limit what the verdicts mean",
} as const;
export type RuleId = keyof typeof rules;

/** Violations that no waiver covers first, then what is inconclusive and the warnings (level `warning`). Each cell by itself: CI systems follow it over runs. */
export function problems(result: Result): Problem[] {
  return sorted([
    ...result.forwards.filter(isOpen).map((forward) => forwardProblem(result, forward)),
    ...result.cells.filter(isOpen).map((cell) => cellProblem(result, cell)),
    ...runProblems(result),
  ]);
}

/** The same with each cause told once, for readers who are shown a few of them. */
export function problemsByCause(result: Result): ToldProblem[] {
  return sorted([...findings(result).map((finding) => findingProblem(result, finding)), ...runProblems(result)]);
}

function sorted<One extends ToldProblem>(found: readonly One[]): One[] {
  return found.toSorted((one, other) => Number(one.level === "warning") - Number(other.level === "warning"));
}

/** What is about no forward: expired waivers, a failed self-check, warnings. */
function runProblems(result: Result): Problem[] {
  const ofRun = placeOfRun(result);
  return [
    ...result.reasons.map(({ status, text, params }) => ({
      rule: status === "violated" ? ("waiver-expired" as const) : ("inconclusive" as const),
      level: levelOf(status),
      title: "forwardlab",
      message: text,
      place: placeOfWaiver(result, params.id) ?? ofRun,
      identity: [text],
    })),
    ...result.warnings.map((warning, at) => ({
      rule: "warning" as const,
      level: "warning" as const,
      title: "forwardlab",
      message: warning,
      place: placeOfWarning(result, result.warningDetails?.[at]) ?? ofRun,
      identity: [warning],
    })),
  ];
}

function findingProblem(result: Result, finding: Finding): ToldProblem {
  const { status, title, forwards, cells, expected, observed, reasons, remedies, next } = finding;
  const [cell] = cells;
  const targets = [...new Set(cells.map(targetText))];
  return {
    level: levelOf(status),
    title,
    message: sentence([
      `expected ${expected}, observed ${observed}${targets.length > 0 ? ` at ${list(targets)}` : ""}.`,
      ...reasons,
      ...remedies.map((text) => `Remedy: ${text}`),
      ...next.map((text) => `Next: ${text}`),
    ]),
    place: cell ? placeOfCell(result, cell) : placeOfForward(result, forwards[0] ?? ""),
  };
}

function isOpen({ status }: { status: ResultCell["status"] }): boolean {
  return status === "violated" || status === "inconclusive";
}

function levelOf(status: ResultCell["status"]): Problem["level"] {
  return status === "violated" ? "error" : "warning";
}

function placeOfRun(result: Result): FilePlace {
  return { file: placeOfForward(result, "").file, line: 1 };
}

function placeOfWaiver(result: Result, id: unknown): FilePlace | undefined {
  const place = result.waivers.find((waiver) => waiver.id === id)?.place;
  return place && { file: tidy(result.policy.file), line: place.line ?? 1 };
}

/** A warning about the policy itself names it as reports do, one about another file names that as from the policy's folder. */
function placeOfWarning(result: Result, warning: ToldWarning | undefined): FilePlace | undefined {
  if (warning?.code === "waiver-covers-nothing") return placeOfWaiver(result, warning.params.id);
  if (warning?.file === undefined) return undefined;
  const { file, line } = warning;
  return placeBeside(result.policy.file, { file, ...(line === undefined ? {} : { line }) });
}

function sentence(parts: readonly string[]): string {
  return parts.filter((part) => part).join(" ");
}

function forwardProblem(result: Result, forward: ResultForward): Problem {
  const seen = observedOfForward(forward);
  return {
    rule: ruleOfForward(forward),
    level: levelOf(forward.status),
    title: `${forward.name}: the forward is ${seen}`,
    message: sentence([`expected ${expectedOfForward(forward)}, observed ${seen}.`, whyText(forward), ...adviceLines(forward)]),
    place: placeOfForward(result, forward.name),
    identity: [forward.name],
  };
}

function cellProblem(result: Result, cell: ResultCell): Problem {
  return {
    rule: ruleOf(cell),
    level: levelOf(cell.status),
    title: `${cell.forward}: ${cellName(cell)}`,
    message: sentence([`expected ${expectedWord(cell.expected)}, observed ${cell.observed}.`, whyText(cell), ...adviceLines(cell)]),
    place: placeOfCell(result, cell),
    identity: [cell.forward, cell.vantage, String(cell.family), cell.target, ...[cell.via, cell.as].filter((part) => part !== undefined)],
    cell,
  };
}

function ruleOfForward({ status, expected, granted, gone }: ResultForward): RuleId {
  if (status === "inconclusive") return "inconclusive";
  if (granted && gone) return "forward-kept";
  return expected === "refused" ? "forward-granted" : "forward-refused";
}

function ruleOf(cell: ResultCell): RuleId {
  if (cell.status === "inconclusive") return "inconclusive";
  if (cell.observed === "reached") return "exposed";
  return cell.expected === "reachable" || cell.expected === "reached" ? "not-reachable" : "other-verdict";
}
