/** What changed from one fleet to another, server by server. Pure. */
import { cellChanges } from "../../core/cell-change.ts";
import type { Diff, DiffOutcome } from "../../core/diff.ts";
import { type DiffFleet, type DiffFleetServer, diffFleetVersion } from "../../core/diff-fleet.ts";
import type { ServerError } from "../../core/fleet.ts";
import type { Result } from "../../core/result.ts";
import { serverOutcome } from "../../core/server-outcome.ts";
import { compareResults } from "./compare.ts";

/** What became of one policy on one side. */
export interface Measured {
  /** The side, as reports name it. */
  name: string;
  result: Result | null;
  error: ServerError | null;
}

/** One server; a side that is left out has no policy of it. */
export interface ServerSides {
  name: string;
  before?: Measured;
  after?: Measured;
}

export function compareFleets(
  servers: readonly ServerSides[],
  { names, tool }: { names: { before: string; after: string }; tool: DiffFleet["tool"] },
): DiffFleet {
  const compared = servers.map((sides) => compareServer(sides, tool));
  const counts = Object.fromEntries(
    [...cellChanges, "same" as const].map((change) => [change, compared.reduce((sum, { diff }) => sum + (diff?.counts[change] ?? 0), 0)]),
  ) as Diff["counts"];
  return {
    schemaVersion: diffFleetVersion,
    kind: "diff-fleet",
    tool,
    outcome: outcomeOf(compared),
    ...names,
    counts,
    servers: compared,
  };
}

/** Exposure that was added is proven whatever else is not known. */
function outcomeOf(servers: readonly DiffFleetServer[]): DiffOutcome {
  const outcomes = servers.map(serverOutcome);
  if (outcomes.includes("exposure-added")) return "exposure-added";
  return outcomes.length === 0 || outcomes.includes("inconclusive") ? "inconclusive" : "no-exposure-added";
}

function compareServer({ name, before, after }: ServerSides, tool: DiffFleet["tool"]): DiffFleetServer {
  const kept = before && after ? "kept" : undefined;
  const change = kept ?? (after ? "added" : "removed");
  const error = before?.error ?? after?.error ?? null;
  const [old, now] = [before?.result ?? emptied(after?.result), after?.result ?? emptied(before?.result)];
  if (error || !old || !now) return { name, change, diff: null, error };
  const names = { before: before?.name ?? "-", after: after?.name ?? "-" };
  return { name, change, diff: compareResults({ before: old, after: now, names, tool }), error: null };
}

/** What a server without a policy exposes by it. */
function emptied(result: Result | null | undefined): Result | undefined {
  if (!result) return undefined;
  const { warningDetails: _, ...rest } = result;
  return { ...rest, forwards: [], cells: [], warnings: [], provenance: { ...result.provenance, forwards: [], configs: [] } };
}
