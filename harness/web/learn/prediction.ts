/** Who was predicted to get in, and who did. */
import type { ResultCell } from "../../core/result.ts";
import type { Topology } from "../parts/network.ts";

/** Hosts that are predicted to get in. */
export type Guess = readonly string[];

/** `some`: at some of the addresses. `unproven`: nothing was proven. `untried`: this host was not asked to try. */
export type Got = "in" | "some" | "out" | "unproven" | "untried";

export interface Compared {
  host: string;
  guessed: boolean;
  got: Got;
  /** Undefined where nothing can be said. */
  right: boolean | undefined;
}

/** Everybody who might try: the hosts of the lab, and whoever else did. */
export function candidates({ hosts }: Topology, cells: readonly ResultCell[] = []): string[] {
  return [...new Set([...Object.keys(hosts), ...cells.map(({ vantage }) => vantage)])];
}

export function compared(hosts: readonly string[], guess: Guess, cells: readonly ResultCell[]): Compared[] {
  return hosts.map((host) => {
    const got = gotOf(cells.filter(({ vantage }) => vantage === host));
    const guessed = guess.includes(host);
    return { host, guessed, got, right: got === "untried" || got === "unproven" ? undefined : guessed === (got !== "out") };
  });
}

export function gotOf(cells: readonly ResultCell[]): Got {
  if (cells.length === 0) return "untried";
  const reached = cells.filter(({ observed }) => observed === "reached").length;
  if (reached === cells.length) return "in";
  if (reached > 0) return "some";
  return cells.some(({ observed }) => observed === "inconclusive") ? "unproven" : "out";
}

/** How many of those that can be judged are right. */
export function score(rows: readonly Compared[]): { right: number; of: number } {
  const judged = rows.filter(({ right }) => right !== undefined);
  return { right: judged.filter(({ right }) => right).length, of: judged.length };
}
