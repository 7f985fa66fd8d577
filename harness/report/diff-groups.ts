/** The cells of a comparison, each change told once: over vantage points, addresses, families and forwards. */
import { type CellChange, cellChanges } from "../core/cell-change.ts";
import type { ChangedCell, Diff } from "../core/diff.ts";
import type { Layer } from "../core/reason.ts";
import { deciderLine, placeText, targetText, visitor } from "./words.ts";

export interface DiffGroup {
  change: CellChange;
  forwards: string[];
  cells: ChangedCell[];
  /** One for each vantage point. */
  visitors: { who: string; targets: string[] }[];
  /** Those of every cell of the group. */
  before: ChangedCell["before"];
  after: ChangedCell["after"];
  lost: Layer[];
  gained: Layer[];
}

/** Most important first. */
export function diffGroups({ cells }: Diff): DiffGroup[] {
  const ofForward = Map.groupBy(cells, (cell) => JSON.stringify([cell.forward, essence(cell)]));
  const alike = Map.groupBy(ofForward.values(), (group) =>
    JSON.stringify([essence(group[0] as ChangedCell), group.map(({ vantage, as, via, family }) => [vantage, as, via, family])]),
  );
  return [...alike.values()]
    .map((groups): DiffGroup => {
      const group = groups.flat();
      const [{ change, before, after, lost, gained }] = group as [ChangedCell];
      const visitors = [...Map.groupBy(group, visitor)].map(([who, own]) => ({ who, targets: [...new Set(own.map(targetText))] }));
      return { change, forwards: [...new Set(group.map(({ forward }) => forward))], cells: group, visitors, before, after, lost, gained };
    })
    .sort((one, other) => cellChanges.indexOf(one.change) - cellChanges.indexOf(other.change));
}

function essence({ change, before, after, lost, gained }: ChangedCell): unknown[] {
  const broken = after?.status === "violated" ? after.expected : null;
  return [change, sideEssence(before), sideEssence(after), broken, lost, gained];
}

function sideEssence(side: ChangedCell["before"]): unknown[] {
  return side ? [side.observed, deciderLine(side.decidedBy), side.unproven?.code, placeText(side.unproven)] : [];
}
