/** Violations that have one cause, together: one change may mend them all. */
import type { ResultCell, ResultForward, Unworded } from "../../core/result.ts";
import { isAnswer, wantsReach } from "../../core/verdict.ts";
import type { JudgedResult } from "../judge.ts";
import { admittingRule } from "../open-reasons.ts";
import { keptForSilentClient } from "../silence.ts";

export type JudgedCell = Unworded<ResultCell>;
export type JudgedForward = Unworded<ResultForward>;

export interface Violation {
  forward: JudgedForward;
  /** `reach`, `block`: what the cells should have seen. `grant`, `refuse`: what the server should have done. */
  wants: "reach" | "block" | "grant" | "refuse" | "let-go";
  /** Empty for those of the server. */
  cells: readonly JudgedCell[];
}

/** Not those that a waiver covers, nor those where another kind of block was expected than the one seen. */
export function violationsOf(result: JudgedResult): Violation[] {
  const forwards = new Map(result.forwards.map((forward) => [forward.name, forward]));
  const found = new Map<string, { forward: JudgedForward; wants: "reach" | "block"; cells: JudgedCell[] }>();
  for (const cell of result.cells) {
    const forward = forwards.get(cell.forward);
    const wants = cell.status === "violated" ? wantedOf(cell) : undefined;
    if (!forward || !wants) continue;
    const { code, rule, file, line, params } = cell.decidedBy ?? {};
    const admitting = cell.decidedBy && admittingRule(cell.decidedBy);
    // What one line drops over IPv4 and over IPv6 takes two changes where it stands for a rule of each, as ufw's DEFAULT_INPUT_POLICY does, or where it
    // is the visitor's packet once, and once what finds the server's link-layer address.
    const key = JSON.stringify([cell.forward, wants, code, params?.direction, rule, file, line, admitting?.file, admitting?.line]);
    const violation = found.get(key) ?? { forward, wants, cells: [] };
    violation.cells.push(cell);
    found.set(key, violation);
  }
  const ofForwards = result.forwards
    .filter(({ status }) => status === "violated")
    .map((forward): Violation => ({ forward, wants: wantedOfServer(forward), cells: [] }));
  return [...ofForwards, ...found.values()];
}

function wantedOfServer({ expected, decidedBy }: JudgedForward): Violation["wants"] {
  if (expected === "refused") return "refuse";
  return decidedBy?.code === keptForSilentClient ? "let-go" : "grant";
}

function wantedOf({ expected, observed }: JudgedCell): "reach" | "block" | undefined {
  if (expected === null) return undefined;
  if (wantsReach(expected)) return "reach";
  return isAnswer(observed) ? "block" : undefined;
}
