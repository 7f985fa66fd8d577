/** What the sets and maps hold that a rule names. Pure. */
import { field, type Json, statementsOf } from "./expressions.ts";
import type { ListedRule, ListedSet, NftListing } from "./rule-lines.ts";
import type { SetElements } from "./value-match.ts";

/** Elements of the sets, and keys of the maps, that a rule may name; undefined for those that packets change. */
export function elementsOf(nftables: NftListing["nftables"], rule: ListedRule): SetElements {
  return (name) => {
    const found = named(name, rule, nftables);
    if (!found || isChanged(found, nftables)) return undefined;
    return keysOf(found.elem);
  };
}

/** Of a set its elements; of a map, whose elements are pairs, its keys. */
export function keysOf(elements: readonly unknown[] = []): Json[] {
  return (elements as readonly Json[]).map((element) => (Array.isArray(element) ? (element[0] as Json) : element));
}

/** @param data of a map: its pairs in place, or its name. Undefined: packets change them. */
export function pairsOf(
  data: Json,
  rule: ListedRule,
  nftables: NftListing["nftables"],
): readonly (readonly [key: Json, value: Json])[] | undefined {
  const found = foundIn(data, rule, nftables);
  const pairs = found ? (found.elem ?? []) : field(data, "set");
  if ((found && isChanged(found, nftables)) || !Array.isArray(pairs)) return undefined;
  return (pairs as Json[]).map((pair) => (Array.isArray(pair) ? [pair[0] as Json, pair[1] as Json] : [pair, undefined]));
}

/** Of a set or map that is named with its `@`: what each of its elements counts for itself, such as a quota. */
export function countedByElements(content: Json, rule: ListedRule, nftables: NftListing["nftables"]): Json {
  const found = foundIn(content, rule, nftables);
  return found && ([found.stmt ?? [], found.elem ?? []] as Json);
}

/** An element without what it counts, its comment and its timeout. */
export function elementValue(element: Json): Json {
  return field(field(element, "elem"), "val") ?? element;
}

/** By packets. nft lists no flag for a map that a rule adds to. */
export function isChanged(found: ListedSet, nftables: NftListing["nftables"]): boolean {
  return found.flags?.includes("dynamic") === true || changedByRules(nftables).has(setKey(found));
}

const known = new WeakMap<NftListing["nftables"], ReadonlySet<string>>();

/** Those that rules add to or delete from, by `setKey`. */
export function changedByRules(nftables: NftListing["nftables"]): ReadonlySet<string> {
  const changed =
    known.get(nftables) ??
    new Set(
      nftables.flatMap(({ rule }) =>
        rule
          ? statementsOf(rule)
              .flatMap(changedBy)
              .map((name) => setKey({ ...rule, name }))
          : [],
      ),
    );
  known.set(nftables, changed);
  return changed;
}

/** The set or map that a statement `add @…` or `update @…` names. */
function changedBy(statement: Json): string[] {
  return [field(field(statement, "set"), "set"), field(field(statement, "map"), "map")].flatMap(namedIn);
}

/** The name of the set or map in `@name`, if it is that. */
export function namedIn(content: Json): string[] {
  return typeof content === "string" && content.startsWith("@") ? [content.slice(1)] : [];
}

/** To tell sets and maps apart. */
export function setKey({ family, table, name }: Pick<ListedSet, "family" | "table" | "name">): string {
  return `${family} ${table} ${name}`;
}

function foundIn(content: Json, rule: ListedRule, nftables: NftListing["nftables"]): ListedSet | undefined {
  const [name] = namedIn(content);
  return name === undefined ? undefined : named(name, rule, nftables);
}

function named(name: string, { family, table }: ListedRule, nftables: NftListing["nftables"]): ListedSet | undefined {
  for (const { set, map } of nftables) {
    const found = set ?? map;
    if (found?.name === name && found.family === family && found.table === table) return found;
  }
  return undefined;
}
