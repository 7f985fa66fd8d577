/** What the sets and maps hold that a rule names. Pure. */
import { field, type Json } from "./expressions.ts";
import type { ListedRule, ListedSet, NftListing } from "./rule-lines.ts";
import type { SetElements } from "./value-match.ts";

/** Elements of the sets, and keys of the maps, that a rule may name; undefined for those that packets change. */
export function elementsOf(nftables: NftListing["nftables"], rule: ListedRule): SetElements {
  return (name) => {
    const found = named(name, rule, nftables);
    if (!found || found.flags?.includes("dynamic")) return undefined;
    return ((found.elem ?? []) as readonly Json[]).map((element) => (Array.isArray(element) ? (element[0] as Json) : element));
  };
}

/** @param data of a map: its pairs in place, or its name. Undefined: packets change them. */
export function pairsOf(
  data: Json,
  rule: ListedRule,
  nftables: NftListing["nftables"],
): readonly (readonly [key: Json, value: Json])[] | undefined {
  const found = typeof data === "string" && data.startsWith("@") ? named(data.slice(1), rule, nftables) : undefined;
  const pairs = found ? (found.elem ?? []) : field(data, "set");
  if (found?.flags?.includes("dynamic") || !Array.isArray(pairs)) return undefined;
  return (pairs as Json[]).map((pair) => (Array.isArray(pair) ? [pair[0] as Json, pair[1] as Json] : [pair, undefined]));
}

/** Of a set or map that is named with its `@`: what each of its elements counts for itself, such as a quota. */
export function countedByElements(content: Json, rule: ListedRule, nftables: NftListing["nftables"]): Json {
  const found = typeof content === "string" && content.startsWith("@") ? named(content.slice(1), rule, nftables) : undefined;
  return found && ([found.stmt ?? [], found.elem ?? []] as Json);
}

/** An element without what it counts, its comment and its timeout. */
export function elementValue(element: Json): Json {
  return field(field(element, "elem"), "val") ?? element;
}

function named(name: string, { family, table }: ListedRule, nftables: NftListing["nftables"]): ListedSet | undefined {
  for (const { set, map } of nftables) {
    const found = set ?? map;
    if (found?.name === name && found.family === family && found.table === table) return found;
  }
  return undefined;
}
