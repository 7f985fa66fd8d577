/** Entries of `reachable_from` that state what a vantage point was observed to reach. Pure. */
import { parseTarget } from "../core/address.ts";
import { splitTarget } from "../core/cells.ts";
import { anyLinkLocal, isLinkLocal } from "../core/link-local.ts";
import { isAnswer, type Verdict } from "./verdict.ts";

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

/** What a vantage point gets, in as few entries as say it exactly. */
export function entriesFor(ways: readonly SeenWay[]): WrittenEntry[] {
  const plain = ways.filter((way) => !isDetour(way));
  const entries = allReached(plain) ? [{}] : ([4, 6] as const).flatMap((family) => ofFamily(family, plain));
  return [...entries, ...detourEntries(ways, entries)];
}

function allReached(ways: readonly SeenWay[]): boolean {
  return ways.length > 0 && ways.every(({ seen }) => seen === "reached");
}

function ofFamily(family: 4 | 6, plain: readonly SeenWay[]): WrittenEntry[] {
  const ways = plain.filter((way) => way.family === family);
  const [first] = ways;
  if (first && isAnswer(first.seen) && ways.every(({ seen }) => seen === first.seen)) return [{ family, ...wrongService(first.seen) }];
  return ways.filter(({ seen }) => isAnswer(seen)).map(({ target, seen }) => ({ address: addressOf(target), ...wrongService(seen) }));
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

function wrongService(seen: Verdict): Pick<WrittenEntry, "is"> {
  return seen === "wrong-service" ? { is: "wrong-service" } : {};
}

/** The address in `address:port`, or in front of a SOCKS proxy's target. */
function addressOf(target: string): string {
  return parseTarget(splitTarget(target).listener)?.address ?? target;
}
