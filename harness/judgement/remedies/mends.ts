/** Whether a change that was tried is a remedy: it mends the violation, opens nothing and breaks nothing. */
import { parseTarget } from "../../core/address.ts";
import { cellKey, splitTarget } from "../../core/cells.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import { blockedVerdicts, isAnswer, wantsReach } from "../../core/verdict.ts";
import type { JudgedResult } from "../judge.ts";
import { otherAddresses } from "../link-local-cells.ts";
import { listensAt, listensOnlyOnOthers } from "../listeners.ts";
import type { JudgedCell, Violation } from "./violations.ts";

export function mends(before: JudgedResult, after: JudgedResult, violation: Violation): boolean {
  const harm = harmOf(before, after, violation);
  return harm !== undefined && isNone(harm);
}

export interface Harm {
  opens: readonly JudgedCell[];
  breaks: readonly JudgedCell[];
}

export function isNone({ opens, breaks }: Harm): boolean {
  return opens.length === 0 && breaks.length === 0;
}

/** What a change does besides mending the violation. Undefined: it does not mend it, or the server grants a forward no more, or one that it must not. */
export function harmOf(before: JudgedResult, after: JudgedResult, violation: Violation): Harm | undefined {
  const { forward, cells } = violation;
  const goodAfter = goodCells(before, after, violation);
  const mended = cells.length === 0 ? after.forwards.find(({ name }) => name === forward.name)?.status === "held" : cells.every(goodAfter);
  return mended && keepsForwards(before, after) ? harms(before, after, goodAfter) : undefined;
}

/** Whether several changes together open nothing and break nothing, whatever they mend. */
export function isHarmless(before: JudgedResult, after: JudgedResult): boolean {
  const refused = before.forwards.filter(({ expected, ok }) => expected === "refused" && !ok);
  const good = [undefined, ...refused.map((forward): Violation => ({ forward, wants: "refuse", cells: [] }))].map((violation) =>
    goodCells(before, after, violation),
  );
  return keepsForwards(before, after) && isNone(harms(before, after, (cell) => good.some((isGood) => isGood(cell))));
}

function keepsForwards(before: JudgedResult, after: JudgedResult): boolean {
  const forwardsAfter = new Map(after.forwards.map((one) => [one.name, one]));
  return before.forwards.every(({ name, ok }) => !ok || forwardsAfter.get(name)?.ok === true);
}

type IsGood = (cell: JudgedCell) => boolean;

function goodCells(before: JudgedResult, after: JudgedResult, violation: Violation | undefined): IsGood {
  const cellsAfter = new Map(after.cells.map((cell) => [cellKey(cell), cell]));
  return (cell) =>
    cellsAfter.get(cellKey(cell))?.ok ??
    (closesWithItsRule(cell, before) || closesWithOthers(cell, after) || (violation !== undefined && closesWithForward(cell, violation)));
}

function harms(before: JudgedResult, after: JudgedResult, isGood: IsGood): Harm {
  const cellsBefore = new Map(before.cells.map((cell) => [cellKey(cell), cell]));
  const opens = after.cells.filter((cell) => !opensNothing(cellsBefore.get(cellKey(cell)), cell));
  const opened = new Set(opens.map(cellKey));
  const lost = (cell: JudgedCell) => (cell.ok ? !isGood(cell) : losesListener(cell, before, after));
  return { opens, breaks: before.cells.filter((cell) => lost(cell) && !opened.has(cellKey(cell))) };
}

/** Whoever should get in and does not yet, because of something else, can no more be let in: nothing listens where they go. */
function losesListener({ forward: name, target, expected }: JudgedCell, before: JudgedResult, after: JudgedResult): boolean {
  const at = parseTarget(splitTarget(target).listener);
  if (!at || expected === null || !wantsReach(expected)) return false;
  const listens = ({ forwards }: JudgedResult) =>
    listensAt(forwards.find((forward) => forward.name === name)?.listeners ?? [], at.address, at.port);
  return listens(before) && !listens(after);
}

/** A port that only a rule leads to the forward is looked at while it answers: who may not get in by it need not see it any more. */
function closesWithItsRule({ forward: name, target, expected }: JudgedCell, before: JudgedResult): boolean {
  const port = parseTarget(splitTarget(target).listener)?.port;
  const listeners = before.forwards.find((forward) => forward.name === name)?.listeners ?? [];
  return port !== undefined && listensOnlyOnOthers(listeners, port) && (expected === null || !wantsReach(expected));
}

/** A link-local address that no rule tells from the host's others any more is closed where those are. */
function closesWithOthers(cell: JudgedCell, after: JudgedResult): boolean {
  if (!isLinkLocal(cell.target)) return false;
  const others = otherAddresses(cell, after.cells);
  return cell.expected === null || (others.length > 0 && others.every(({ observed }) => blockedVerdicts.includes(observed)));
}

/** What a SOCKS proxy is asked for depends on the lists that limit it: once the server refuses them all, less is asked. */
function closesWithForward({ forward: name, expected }: JudgedCell, { forward, wants }: Violation): boolean {
  return wants === "refuse" && name === forward.name && (expected === null || !wantsReach(expected));
}

/** Whoever gets in now got in before, or is meant to. */
function opensNothing(before: JudgedCell | undefined, after: JudgedCell): boolean {
  return !isAnswer(after.observed) || after.ok || (before !== undefined && isAnswer(before.observed));
}
