/** The words that the reports of a comparison need, in any language. Types only. */
import type { CellChange } from "../core/cell-change.ts";
import type { Diff, DiffOutcome } from "../core/diff.ts";

/** What the title of a changed cell, or of several, is made of. */
export interface TitleParts {
  forwards: readonly string[];
  visitors: readonly string[];
  /** Empty: over both, or over none. */
  families: readonly (4 | 6)[];
  /** Verdicts; undefined: the cell is not in that result. */
  before: string | undefined;
  after: string | undefined;
  lost: readonly string[];
  gained: readonly string[];
}

export interface DiffWords {
  outcomes: Record<DiffOutcome, string>;
  /** All counts in one sentence, without a stop. */
  summary(counts: Diff["counts"], forwards: number): string;
  titles: Record<CellChange, (is: TitleParts) => string>;
  before: string;
  after: string;
  /** Before the targets. */
  at: string;
  addresses: string;
  /** In place of a verdict: the cell is not in that result. */
  absent: string;
  expects(expected: string): string;
  /** Between parts of a line. */
  comma: string;
  names(names: readonly string[]): string;
  targets(count: number): string;
  forwards: string;
  settings: string;
  files: string;
  software: string;
  newForward: string;
  removedForward: string;
  notVerified: string;
  grantUnknown: string;
  granted: string;
  refused(by: string): string;
  notKnown: string;
  listens(listeners: readonly string[], host: string): string;
  nothingListens: string;
  account(name: string, from: string): string;
  keyOptions: string;
  noOptions: string;
  byDefault: string;
  unset: string;
  fileChanges: Record<Diff["files"][number]["change"], string>;
  otherChanges(count: number): string;
  warning: string;
  /** Of several servers. */
  fleet: {
    server: string;
    added: string;
    removed: string;
    noResult(because: string): string;
    /** Of so many servers; `changed`: without more exposure. */
    summary(is: { servers: number; opened: number; unknown: number; changed: number }): string;
  };
  nothingElse(cells: number): string;
  nothing(cells: number): string;
}
