/** Entries of `reachable_from` that state what a vantage point was observed to reach. Pure. */
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

/** One way of a vantage point to the forward, with the verdict observed or predicted there. */
export interface SeenWay {
  family: 4 | 6 | null;
  target: string;
  via?: string;
  seen: Verdict;
}

/** Is it a way that only neighbours have? A neighbour that may reach the forward need not reach it this way. */
export function isDetour({ via, target }: Pick<SeenWay, "via" | "target">): boolean {
  return via !== undefined || isLinkLocal(target);
}

/** Entries to add for ways that only neighbours have, beyond the other entries of the vantage point. */
export function detourEntries(ways: readonly SeenWay[], entries: readonly WrittenEntry[]): WrittenEntry[] {
  return ways.filter(isDetour).flatMap((way) => entryOfDetour(way, entries));
}

function entryOfDetour({ family, target, via, seen }: SeenWay, entries: readonly WrittenEntry[]): WrittenEntry[] {
  const general = entries.find((each) => each.address === undefined && (each.family ?? family) === family);
  // Nothing to add if the vantage point may reach every address of the family.
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

/** The address in `address:port`, or in front of a SOCKS proxy's target. */
export function addressOf(target: string): string {
  return parseTarget(splitTarget(target).listener)?.address ?? target;
}

/** The entries as text for a policy, without duplicates. */
export function entryTexts(vantage: string, entries: readonly WrittenEntry[]): string[] {
  return [...new Set(entries.map((entry) => entryText(vantage, entry)))];
}

function entryText(vantage: string, entry: WrittenEntry): string {
  const parts = Object.entries(entry).map(([key, value]) => `${key}: ${typeof value === "number" ? value : plainYaml(value)}`);
  return parts.length === 0 ? plainYaml(vantage) : `{ ${[`vantage: ${plainYaml(vantage)}`, ...parts].join(", ")} }`;
}
