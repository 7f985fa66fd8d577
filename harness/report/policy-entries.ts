/** Entries of `reachable_from` that say what a vantage point was seen to get. Pure. */
import { parseTarget } from "../core/address.ts";
import { splitTarget } from "../core/cells.ts";
import { anyLinkLocal, isLinkLocal } from "../core/link-local.ts";
import type { Verdict } from "../core/verdict.ts";
import { plainYaml } from "./plain-yaml.ts";

export interface WrittenEntry {
  family?: 4 | 6;
  address?: string;
  via?: string;
  as?: string;
  is?: "wrong-service" | "blocked";
}

/** One way of a vantage point, and what was seen, or is predicted, there. */
export interface SeenWay {
  family: 4 | 6 | null;
  target: string;
  via?: string;
  seen: Verdict;
}

/** Is it one that only a neighbour has? Whoever may reach the forward need not reach it so. */
export function isDetour({ via, target }: Pick<SeenWay, "via" | "target">): boolean {
  return via !== undefined || isLinkLocal(target);
}

/** What must be added for a way that only a neighbour has to what the other entries of its vantage point say. */
export function detourEntries(ways: readonly SeenWay[], entries: readonly WrittenEntry[]): WrittenEntry[] {
  return ways.filter(isDetour).flatMap((way) => entryOfDetour(way, entries));
}

function entryOfDetour({ family, target, via, seen }: SeenWay, entries: readonly WrittenEntry[]): WrittenEntry[] {
  const general = entries.find((each) => each.address === undefined && (each.family ?? family) === family);
  // As good as it is, where the vantage point may reach every address of its family.
  if (general && general.is === undefined) return [];
  const name = isLinkLocal(target) ? { address: anyLinkLocal } : { address: addressOf(target), ...(via === undefined ? {} : { via }) };
  const said = entries.find(({ address }) => address === name.address) ?? general ?? { is: "blocked" };
  const now: WrittenEntry = isAnswer(seen) ? wrongService(seen) : { is: "blocked" };
  return said.is === now.is ? [] : [{ ...name, ...now }];
}

export function isAnswer(seen: Verdict): boolean {
  return seen === "reached" || seen === "wrong-service";
}

export function wrongService(seen: Verdict): Pick<WrittenEntry, "is"> {
  return seen === "wrong-service" ? { is: "wrong-service" } : {};
}

/** Of `address:port`, or of a SOCKS proxy's target. */
export function addressOf(target: string): string {
  return parseTarget(splitTarget(target).listener)?.address ?? target;
}

/** As they stand in a policy, each once. */
export function entryTexts(vantage: string, entries: readonly WrittenEntry[]): string[] {
  return [...new Set(entries.map((entry) => entryText(vantage, entry)))];
}

function entryText(vantage: string, entry: WrittenEntry): string {
  const parts = Object.entries(entry).map(([key, value]) => `${key}: ${typeof value === "number" ? value : plainYaml(value)}`);
  return parts.length === 0 ? plainYaml(vantage) : `{ ${[`vantage: ${plainYaml(vantage)}`, ...parts].join(", ")} }`;
}
