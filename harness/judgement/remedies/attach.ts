/** What was tried, on the cells and forwards of a result that it is about. */
import { cellKey } from "../../core/cells.ts";
import { distinctValues } from "../../core/distinct.ts";
import type { Cause } from "../../core/reason.ts";
import type { Remedy, Unworded } from "../../core/result.ts";
import type { JudgedResult } from "../judge.ts";
import type { Candidate } from "./candidate.ts";
import type { Harm } from "./mends.ts";
import type { JudgedCell, Violation } from "./violations.ts";

/** One, or several that only together mend what they are tried for. */
export type Changes = readonly Candidate[];

/** What came of trying the candidates of one violation. */
export interface Trial {
  violation: Violation;
  /** The first that mend it; undefined: none do. */
  found?: { changes: Changes; patch: string; stillKeptOut?: readonly JudgedCell[] };
  /** None of them: one that would mend it, but for the harm that it does. */
  nearest?: { candidate: Candidate; harm: Harm };
  /** How many were tried. */
  tried: number;
  /** The time or the number of trials was used up: others might have helped. */
  cut?: boolean;
}

export function withRemedies(result: JudgedResult, trials: readonly Trial[]): JudgedResult {
  const ofCells = new Map<string, Unworded<Remedy>>();
  const ofForwards = new Map<string, Unworded<Remedy>>();
  for (const trial of trials) {
    const remedy = remedyOf(trial);
    const { forward, cells } = trial.violation;
    if (cells.length === 0) ofForwards.set(forward.name, remedy);
    for (const cell of cells) ofCells.set(cellKey(cell), remedy);
  }
  return {
    ...result,
    cells: result.cells.map((cell) => ({ ...cell, ...optional(ofCells.get(cellKey(cell))) })),
    forwards: result.forwards.map((forward) => ({ ...forward, ...optional(ofForwards.get(forward.name)) })),
  };
}

function optional(remedy: Unworded<Remedy> | undefined): { remedy?: Unworded<Remedy> } {
  return remedy ? { remedy } : {};
}

function remedyOf({ found, nearest, tried, cut = false }: Trial): Unworded<Remedy> {
  const none: Pick<Cause, "code" | "params"> = { code: cut ? "no-change-found-in-time" : "no-single-change", params: { tried } };
  const [first = none, ...further] = (found?.changes ?? []).map(({ code, params }) => ({ code, params }));
  return {
    summary: first,
    ...(further.length > 0 ? { further } : {}),
    patch: found?.patch ?? null,
    tried: true,
    ...(found?.stillKeptOut?.length ? { stillKeptOut: affectedBy(found.stillKeptOut) } : {}),
    ...(nearest && !found ? { nearest: harmful(nearest.candidate, nearest.harm) } : {}),
  };
}

function harmful({ code, params }: Candidate, { opens, breaks }: Harm): NonNullable<Unworded<Remedy>["nearest"]> {
  return { change: { code, params }, opens: affectedBy(opens), breaks: affectedBy(breaks) };
}

function affectedBy(cells: readonly JudgedCell[]): NonNullable<Unworded<Remedy>["nearest"]>["opens"] {
  return distinctValues(cells.map(({ forward, vantage, family }) => ({ forward, vantage, family })));
}
