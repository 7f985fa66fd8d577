/** What is left to mend after a change that was tried. Pure. */
import { cellKey } from "../../core/cells.ts";
import { wantsReach } from "../../core/verdict.ts";
import type { JudgedResult } from "../judge.ts";
import { admittingRule } from "../open-reasons.ts";
import { harmOf } from "./mends.ts";
import { type JudgedCell, type Violation, violationsOf } from "./violations.ts";

/** What is left of a violation; undefined: nothing. */
export function remaining(result: JudgedResult, violation: Violation): Violation | undefined {
  return allRemaining(result, violation)[0];
}

/**
 * What another change has to mend after one that did part of it: the same violation, where something else decides now or fewer cells are concerned;
 * or the harm, where the violation is gone. Undefined: the change did nothing for it.
 * @param user what was seen before all changes
 * @param before what was seen before this one
 */
export function leftBy(user: JudgedResult, before: JudgedResult, after: JudgedResult, violation: Violation): Violation | undefined {
  const harm = harmOf(user, after, violation);
  if (harm) {
    const harmed = new Set([...harm.opens, ...harm.breaks].map(cellKey));
    return violationsOf(after).find(({ cells }) => cells.some((cell) => harmed.has(cellKey(cell))));
  }
  const [was, left] = [allRemaining(before, violation), allRemaining(after, violation)];
  const known = new Set(was.map(decider));
  return left.find((one) => !known.has(decider(one))) ?? (countOf(left, violation) < countOf(was, violation) ? left[0] : undefined);
}

/** Whom something else keeps out of a forward that the server grants by now. */
export function stillKeptOut({ forward, wants }: Violation, after: JudgedResult): JudgedCell[] {
  if (wants !== "grant") return [];
  return after.cells.filter(
    ({ forward: name, status, expected }) => name === forward.name && status === "violated" && expected !== null && wantsReach(expected),
  );
}

/** How many of the violation's cells are among these. */
function countOf(all: readonly Violation[], { cells }: Violation): number {
  const keys = new Set(cells.map(cellKey));
  return all.flatMap((one) => one.cells.filter((cell) => keys.has(cellKey(cell)))).length;
}

function allRemaining(result: JudgedResult, { forward, wants, cells }: Violation): Violation[] {
  const keys = new Set(cells.map(cellKey));
  return violationsOf(result).flatMap((one) => {
    if (one.forward.name !== forward.name || one.wants !== wants) return [];
    if (one.cells.length === 0) return keys.size === 0 ? [one] : [];
    return one.cells.some((cell) => keys.has(cellKey(cell))) ? [one] : [];
  });
}

/** Not where it stands: a line that is inserted above moves it, and decides nothing. */
function decider({ forward, cells: [cell] }: Violation): string {
  const reason = (cell ?? forward).decidedBy;
  return JSON.stringify(reason && [reason.layer, reason.code, reason.rule, reason.params.direction, admittingRule(reason)?.rule]);
}
