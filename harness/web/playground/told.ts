/** The model's cells as the page's shared parts take them, and the headline. */
import { distinct } from "../../core/distinct.ts";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import type { Prediction } from "../../openssh/model/prediction.ts";
import type { ReachCell } from "../../openssh/model/reach.ts";
import type { Language } from "../../openssh/model/sentence.ts";
import { type Leg, legsOf } from "../parts/legs.ts";
import type { Network } from "../parts/network.ts";
import type { ForwardAnswer } from "./answer.ts";

/** How the address names a cell. */
export function cellName({ vantage, target, via }: ReachCell): string {
  return [vantage, target, ...(via === undefined ? [] : [via])].join(" ");
}

/** A cell of a result as far as the picture looks at it. */
export function shownCell(cell: ReachCell, language: Language): ResultCell {
  const { vantage, family, target, verdict, layer, why, at } = cell;
  const decidedBy = { layer, code: "", params: at === undefined ? {} : { at }, text: why[language] };
  return { vantage, family, target, observed: verdict, decidedBy, evidence: {} } as unknown as ResultCell;
}

export function legsOfCell(topology: Result["topology"], network: Network, cell: ReachCell, forward: ForwardAnswer): Leg[] {
  const { prediction, policyArguments } = forward;
  const shown = {
    kind: prediction.kind,
    from: "home",
    listensOn: prediction.listensOn === "server" ? "server" : "home",
    ssh: policyArguments,
  } as unknown as ResultForward;
  return legsOf({ topology }, network, shownCell(cell, "en"), shown);
}

export type Headline = {
  /** Vantage points of which the model knows nothing. */
  unknown: string[];
} & ({ kind: "refused" | "nobody" | "unknown" | "world" } | { kind: "some" | "listenerOnly"; names: string[] });

/** The widest audience first. */
export function headlineOf(cells: readonly ReachCell[], { granted, listensOn }: Prediction): Headline {
  const unknown = distinct(cells.filter(({ verdict }) => verdict === "inconclusive").map(nameIn));
  const reached = cells.filter(({ verdict }) => verdict === "reached");
  const from = new Set(reached.map(({ vantage }) => vantage));
  const host = listensOn === "server" ? "server" : "home";
  if (!granted) return { kind: "refused", unknown: [] };
  if (from.has("internet")) return { kind: "world", unknown };
  const others = reached.filter(({ vantage }) => vantage !== host);
  if (others.length > 0) return { kind: "some", names: distinct(others.map(({ vantage }) => vantage)), unknown };
  if (unknown.some((name) => !name.startsWith(host))) return { kind: "unknown", unknown };
  return from.size > 0 ? { kind: "listenerOnly", names: [host], unknown } : { kind: "nobody", unknown };
}

function nameIn({ vantage, family }: ReachCell): string {
  return family === null ? vantage : `${vantage} (IPv${family})`;
}
