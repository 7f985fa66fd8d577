/** Elements that the files give to sets and maps to which packets add others, and that expire: bans, as `nft list ruleset` shows them. Pure. */
import type { Connection } from "./connection.ts";
import { field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf, isChanged, keysOf, namedIn, setKey } from "./named-sets.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { couldMatch } from "./syn-match.ts";
import type { SetElements } from "./value-match.ts";

type Entries = NftListing["nftables"];

/** May the rule match a packet of the connection for such an element alone? */
export function asksForExpiring(rule: ListedRule, { nftables }: NftListing, connection: Connection, written: string | undefined): boolean {
  const expiring = expiringElements(nftables);
  const of = (name: string) => expiring.get(setKey({ ...rule, name }));
  if (!statementsOf(rule).flatMap(lookedUpIn).some(of)) return false;
  const sets: SetElements = (name) => of(name) ?? elementsOf(nftables, rule)(name);
  return couldMatch(rule, written, connection, "in", sets);
}

const known = new WeakMap<Entries, ReadonlyMap<string, readonly Json[]>>();

/** By `setKey`; of maps, their keys. */
function expiringElements(nftables: Entries): ReadonlyMap<string, readonly Json[]> {
  const found =
    known.get(nftables) ??
    new Map(
      nftables.flatMap(({ set, map }): [string, Json[]][] => {
        const each = set ?? map;
        if (!each || !isChanged(each, nftables)) return [];
        const elements = keysOf(each.elem).filter((element) => field(field(element, "elem"), "expires") !== undefined);
        return elements.length > 0 ? [[setKey(each), elements]] : [];
      }),
    );
  known.set(nftables, found);
  return found;
}

/**
 * The listing without what packets have added to its sets and maps since the files were loaded.
 * @param texts all that the files say
 */
export function withoutAdded(nftables: Entries, texts: readonly string[]): Entries {
  let words: ReadonlySet<string> | undefined;
  const isWritten = (element: unknown) => {
    words ??= new Set(texts.flatMap((text) => text.split(/[^\w.:]+/)));
    return stringsIn(keysOf([element])[0]).every((word) => words?.has(word));
  };
  return nftables.map((entry) => {
    const { set, map } = entry;
    const each = set ?? map;
    if (!each?.elem || !isChanged(each, nftables)) return entry;
    const kept = { ...each, elem: each.elem.filter(isWritten) };
    return set ? { ...entry, set: kept } : { ...entry, map: kept };
  });
}

/** Addresses, among other values. */
function stringsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  const element = field(value, "elem");
  if (element !== undefined) return stringsIn(field(element, "val"));
  return Object.values(value).flatMap((each) => stringsIn(each as Json));
}

/** Names of the sets and maps in which the statement looks something up. */
function lookedUpIn(statement: Json): string[] {
  const match = field(statement, "match");
  const isLookup = match !== undefined && ["==", "in"].includes(String(field(match, "op")));
  return namedIn(isLookup ? field(match, "right") : field(field(statement, "vmap"), "data"));
}
