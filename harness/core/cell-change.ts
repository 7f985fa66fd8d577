/** What became of a cell between two results. */

/**
 * Most important first. `opened` and `closed`: it is open on one side only. `unknown`: one side proves nothing, or did not look.
 * `weaker`, `stronger`, `replaced`: blocked on both sides, and a layer of defence went, came, or gave way to another. `decider`: the same verdict by
 * the same layer, but by another rule. `added` and `removed`: blocked, and in one of the results only.
 */
export const cellChanges = [
  "opened",
  "unknown",
  "closed",
  "weaker",
  "replaced",
  "stronger",
  "other",
  "decider",
  "added",
  "removed",
] as const;
export type CellChange = (typeof cellChanges)[number];
