/** A prediction of who gets in, held against what was seen. Pure. */
import type { ResultCell } from "../../core/result.ts";

/** `undefined`: nothing is proven either way. */
export interface SeenHost {
  host: string;
  getsIn: boolean | undefined;
  cells: readonly ResultCell[];
}

/** A host gets in if it does by any of the addresses that it tried. */
export function byHost(cells: readonly ResultCell[]): SeenHost[] {
  return [...Map.groupBy(cells, ({ vantage }) => vantage)].map(([host, of]) => ({ host, getsIn: getsInOf(of), cells: of }));
}

function getsInOf(cells: readonly ResultCell[]): boolean | undefined {
  if (cells.some(({ observed }) => observed === "reached")) return true;
  return cells.some(({ observed }) => observed === "inconclusive") ? undefined : false;
}

export interface Compared {
  /** Of hosts that were tried, and of which something is proven. */
  hosts: { host: string; predicted: boolean; getsIn: boolean }[];
  right: number;
  /** Predicted to get in, and not tried. */
  untried: string[];
}

export function compare(predicted: ReadonlySet<string>, seen: readonly SeenHost[]): Compared {
  const hosts = seen.flatMap(({ host, getsIn }) => (getsIn === undefined ? [] : [{ host, predicted: predicted.has(host), getsIn }]));
  return {
    hosts,
    right: hosts.filter((each) => each.predicted === each.getsIn).length,
    untried: [...predicted].filter((host) => !seen.some((each) => each.host === host)),
  };
}

/** Names as a person types them; `unknown`: the first that is none. */
export function parsePrediction(text: string, hosts: readonly string[]): { names: Set<string> } | { unknown: string } {
  const names = text.split(/[\s,、，]+/).filter((name) => name !== "");
  const unknown = names.find((name) => !hosts.includes(name));
  return unknown === undefined ? { names: new Set(names) } : { unknown };
}
