/** What changed from one result to another. Pure; nothing that differs between two runs of the same policy counts. */

import { type CellChange, cellChanges } from "../../core/cell-change.ts";
import { cellKey, compareCells } from "../../core/cells.ts";
import { type ChangedCell, type ChangedForward, type Diff, type DiffOutcome, diffVersion } from "../../core/diff.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import { comparable, type Result, type ResultCell } from "../../core/result.ts";
import { blockedVerdicts, isAnswer } from "../../core/verdict.ts";
import { otherAddresses } from "../link-local-cells.ts";
import { compareForwards } from "./compare-forwards.ts";
import { layersLost, type Stops, stopsOf } from "./defences.ts";

export interface Sides {
  before: Result;
  after: Result;
  /** As the user named them. */
  names: { before: string; after: string };
  tool: { name: string; version: string };
}

export function compareResults({ before, after, names, tool }: Sides): Diff {
  const forwards = compareForwards(before, after);
  const unverified = new Set(forwards.filter(({ change }) => change === "not-verified").map(({ name }) => name));
  const pairs = pairsOf(before, after).filter(({ name }) => !unverified.has(name.forward));
  const cells = pairs.flatMap((pair) => changedCell(pair) ?? []).sort(byImportance);
  const counts = Object.fromEntries([...cellChanges, "same" as const].map((change) => [change, 0])) as Diff["counts"];
  for (const { change } of cells) counts[change]++;
  counts.same = pairs.length - cells.length;
  const warnings = after.warnings.filter((warning) => !before.warnings.includes(warning));
  return {
    schemaVersion: diffVersion,
    tool,
    outcome: outcomeOf(cells, forwards),
    before: sideOf(names.before, before),
    after: sideOf(names.after, after),
    files: changedFiles(before, after),
    counts,
    forwards,
    cells,
    warnings,
    ...(after.warningDetails ? { warningDetails: after.warningDetails.filter(({ text }) => warnings.includes(text)) } : {}),
  };
}

/** Exposure that was added is proven whatever else is not known. */
function outcomeOf(cells: readonly ChangedCell[], forwards: readonly ChangedForward[]): DiffOutcome {
  if (cells.some(({ change }) => change === "opened")) return "exposure-added";
  const hidden =
    cells.some(({ change }) => change === "unknown") || forwards.some(({ change }) => change === "unknown" || change === "not-verified");
  return hidden ? "inconclusive" : "no-exposure-added";
}

type CellName = Pick<ResultCell, "forward" | "vantage" | "family" | "target" | "via" | "as">;

interface OneSide {
  cell: ResultCell;
  stops: Stops;
}

interface Pair {
  name: CellName;
  before: OneSide | undefined;
  after: OneSide | undefined;
}

function pairsOf(before: Result, after: Result): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const [side, result] of [
    ["before", before],
    ["after", after],
  ] as const) {
    const forwards = new Map(result.forwards.map((forward) => [forward.name, forward]));
    for (const [at, { forward, vantage, family, target, via, as }] of comparable(result).cells.entries()) {
      const name = { forward, vantage, family, target, ...(via === undefined ? {} : { via }), ...(as === undefined ? {} : { as }) };
      const pair = pairs.get(cellKey(name)) ?? { name, before: undefined, after: undefined };
      const cell = result.cells[at] as ResultCell;
      pair[side] = { cell, stops: stopsOf(result, cell, forwards.get(forward)) };
      pairs.set(cellKey(name), pair);
    }
  }
  const all = [...pairs.values()];
  return all.filter((pair) => !wasOpenOtherwise(pair, all));
}

/**
 * Link-local addresses are probed only where rules may let more in there than at the others; on the side that has no such cell they do not, and whoever
 * gets in by another address may do so by this one, too.
 */
function wasOpenOtherwise({ name, before, after }: Pair, all: readonly Pair[]): boolean {
  const lacking = before ? "after" : "before";
  if (!isLinkLocal(name.target) || (before && after) || !isOpen((before ?? after)?.cell)) return false;
  const there = all.flatMap((each) => (each[lacking] ? [{ ...each.name, side: each[lacking] }] : []));
  return otherAddresses(name, there).some(({ side }) => !isBlocked(side.cell));
}

/** Undefined where nothing changed. */
function changedCell({ name, before, after }: Pair): ChangedCell | undefined {
  const stillBlocked = before !== undefined && after !== undefined && isBlocked(before.cell) && isBlocked(after.cell);
  const lost = stillBlocked ? layersLost(before.stops, after.stops) : [];
  const gained = stillBlocked ? layersLost(after.stops, before.stops) : [];
  const change = changeOf(before?.cell, after?.cell, { lost: lost.length > 0, gained: gained.length > 0 });
  if (change === undefined) return undefined;
  return { change, ...name, before: cellSide(before?.cell), after: cellSide(after?.cell), lost, gained };
}

function changeOf(
  before: ResultCell | undefined,
  after: ResultCell | undefined,
  layers: { lost: boolean; gained: boolean },
): CellChange | undefined {
  if (before?.observed === "inconclusive" || after?.observed === "inconclusive") return "unknown";
  if (isOpen(before) !== isOpen(after)) return isOpen(after) ? "opened" : "closed";
  if (!before || !after) return before ? "removed" : "added";
  if (layers.lost) return layers.gained ? "replaced" : "weaker";
  if (layers.gained) return "stronger";
  if (before.observed !== after.observed || before.decidedBy?.layer !== after.decidedBy?.layer) return "other";
  return before.decidedBy?.code !== after.decidedBy?.code || before.decidedBy?.rule !== after.decidedBy?.rule ? "decider" : undefined;
}

function isBlocked({ observed }: ResultCell): boolean {
  return blockedVerdicts.includes(observed);
}

function isOpen(cell: ResultCell | undefined): boolean {
  return cell !== undefined && isAnswer(cell.observed);
}

function cellSide(cell: ResultCell | undefined): ChangedCell["before"] {
  if (!cell) return null;
  const { observed, expected, status, decidedBy, unproven } = cell;
  return { observed, expected, status, decidedBy, ...(unproven ? { unproven } : {}) };
}

function byImportance(one: ChangedCell, other: ChangedCell): number {
  return cellChanges.indexOf(one.change) - cellChanges.indexOf(other.change) || compareCells(one, other);
}

function sideOf(name: string, { policy, outcome, provenance, tool }: Result): Diff["before"] {
  return { name, policy: policy.file, outcome, openssh: provenance.openssh?.server ?? null, tool: tool.version };
}

/** The policy itself is one file, whatever it is called on each side. */
function changedFiles(before: Result, after: Result): Diff["files"] {
  const name = policyName(after);
  const hashes = (result: Result) =>
    new Map(result.provenance.configs.map(({ file, sha256 }) => [file === policyName(result) ? name : file, sha256]));
  const [old, now] = [hashes(before), hashes(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((file): Diff["files"] => {
    if (!old.has(file)) return [{ file, change: "added" }];
    if (!now.has(file)) return [{ file, change: "removed" }];
    return old.get(file) === now.get(file) ? [] : [{ file, change: "changed" }];
  });
}

function policyName({ policy }: Result): string {
  return policy.file.replace(/^.*[/\\]/, "");
}
