/** Entries of `reachable_from` as text for a policy. Pure. */
import type { WrittenEntry } from "../core/stated-entries.ts";
import { plainYaml } from "./plain-yaml.ts";

/** The entries as text for a policy, without duplicates. */
export function entryTexts(vantage: string, entries: readonly WrittenEntry[]): string[] {
  return [...new Set(entries.map((entry) => entryText(vantage, entry)))];
}

function entryText(vantage: string, entry: WrittenEntry): string {
  const parts = Object.entries(entry).map(([key, value]) => `${key}: ${typeof value === "number" ? value : plainYaml(value)}`);
  return parts.length === 0 ? plainYaml(vantage) : `{ ${[`vantage: ${plainYaml(vantage)}`, ...parts].join(", ")} }`;
}
