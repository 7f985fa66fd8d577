/** Whether a change that was tried is a remedy: it mends the violation, opens nothing and breaks nothing. */
import { cellKey } from "../../core/cells.ts";
import type { JudgedResult } from "../judge.ts";
import type { JudgedCell, Violation } from "./violations.ts";

export function mends(before: JudgedResult, after: JudgedResult, { forward, wants, cells }: Violation): boolean {
  const cellsAfter = new Map(after.cells.map((cell) => [cellKey(cell), cell]));
  const cellsBefore = new Map(before.cells.map((cell) => [cellKey(cell), cell]));
  const forwardsAfter = new Map(after.forwards.map((one) => [one.name, one]));
  const mended =
    wants === "grant" || wants === "refuse"
      ? forwardsAfter.get(forward.name)?.status === "held"
      : cells.every((cell) => isGood(cellsAfter.get(cellKey(cell))));
  return (
    mended &&
    before.forwards.every(({ name, ok }) => !ok || forwardsAfter.get(name)?.ok === true) &&
    before.cells.every((cell) => !cell.ok || isGood(cellsAfter.get(cellKey(cell)))) &&
    after.cells.every((cell) => opensNothing(cellsBefore.get(cellKey(cell)), cell))
  );
}

function isGood(cell: JudgedCell | undefined): boolean {
  return cell?.ok === true;
}

/** Whoever gets in now got in before, or is meant to. */
function opensNothing(before: JudgedCell | undefined, after: JudgedCell): boolean {
  return !answered(after) || after.ok || (before !== undefined && answered(before));
}

function answered({ observed }: JudgedCell): boolean {
  return observed === "reached" || observed === "wrong-service";
}
