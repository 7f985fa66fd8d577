/** Lines of a comparison of fleets that several formats share, as plain text. */
import type { DiffOutcome } from "../core/diff.ts";
import type { DiffFleet, DiffFleetServer } from "../core/diff-fleet.ts";
import { serverOutcome } from "../core/server-outcome.ts";
import { headline } from "./diff-lines.ts";
import type { DiffWords } from "./diff-word-table.ts";
import { diffWords } from "./diff-words.ts";
import { faultLineIn } from "./fleet-errors.ts";
import type { Language } from "./sentences.ts";
import { cleanLine } from "./words.ts";

const order: readonly DiffOutcome[] = ["exposure-added", "inconclusive", "no-exposure-added"];

/** Exposure that was added comes first, then what is not known, then other changes. */
export function changedFirst({ servers }: DiffFleet): DiffFleetServer[] {
  const rank = (server: DiffFleetServer) => (isUnchanged(server) ? order.length : order.indexOf(serverOutcome(server)));
  return servers.toSorted((one, other) => rank(one) - rank(other));
}

export function isUnchanged({ change, diff }: DiffFleetServer): boolean {
  return change === "kept" && diff !== null && diff.cells.length === 0 && diff.forwards.length === 0 && diff.files.length === 0;
}

/** The outcome as a verdict, and how many servers it is about. */
export function fleetHeadline({ outcome, servers }: DiffFleet, words: DiffWords): { verdict: string; summary: string } {
  const of = (which: (server: DiffFleetServer) => boolean) => servers.filter(which).length;
  const summary = words.fleet.summary({
    servers: servers.length,
    opened: of((server) => serverOutcome(server) === "exposure-added"),
    unknown: of((server) => serverOutcome(server) === "inconclusive"),
    changed: of((server) => serverOutcome(server) === "no-exposure-added" && !isUnchanged(server)),
  });
  return { verdict: words.outcomes[outcome], summary };
}

/** What became of one server, in one line. */
export function serverLine({ change, diff, error }: DiffFleetServer, language: Language): string {
  const words = diffWords[language];
  const said = diff ? headline(diff, words).summary : words.fleet.noResult(error ? faultLineIn(error, language) : "");
  return cleanLine(change === "kept" ? said : `${words.fleet[change]}: ${said}`);
}

export function fleetSides({ before, after }: DiffFleet): string {
  return cleanLine(`${before} → ${after}`);
}
