/** The cases that a rule distinguishes by one thing, such as an interface: each element of a set, and each key of a map, for itself. Pure. */
import type { Connection } from "./connection.ts";
import { entriesBelow, field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf, elementValue, pairsOf } from "./named-sets.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { elementsIn, excludes } from "./syn-match.ts";

export interface Case {
  value: Json;
  op: string;
  /** The rule as it is in this case: with what its verdict map has for it. */
  rule: ListedRule;
  /** The same for those of a list that the rule treats in the same way. */
  alike: string;
}

/**
 * One list for each comparison. Elements that packets change are left out, and so are those that no packet of the connection has.
 * @param isIt whether what is compared, or a part of a concatenation, is the thing
 */
export function casesOf(rule: ListedRule, isIt: (part: Json) => boolean, listing: NftListing, connection: Connection): Case[][] {
  return statementsOf(rule).flatMap((statement) =>
    entriesBelow(statement).flatMap(([name, content]): Case[][] => {
      const found = comparisonIn(name, content, rule, listing);
      if (!found) return [];
      const { parts, op, elements } = found;
      const sets = elementsOf(listing.nftables, rule);
      const possible = elements.filter(({ values }) => !excludes(parts, values, connection, "in", sets));
      return parts.flatMap((part, at) => {
        if (!isIt(part)) return [];
        return [
          possible.map(({ values, mapped }) => ({
            value: values[at],
            op,
            rule: name === "vmap" ? { ...rule, expr: replaced(rule, statement, mapped) } : rule,
            alike: JSON.stringify([values.toSpliced(at, 1), mapped]),
          })),
        ];
      });
    }),
  );
}

interface Comparison {
  /** What is compared; of a concatenation, each part. */
  parts: readonly Json[];
  op: string;
  /** `values`: one for each part; `mapped`: what a map has for them. */
  elements: readonly { values: readonly Json[]; mapped?: Json }[];
}

function comparisonIn(name: string, content: Json, rule: ListedRule, { nftables }: NftListing): Comparison | undefined {
  if (name === "match") {
    const parts = partsOf(field(content, "left"));
    const elements = elementsIn(field(content, "right"), elementsOf(nftables, rule));
    return elements && { ...parts, op: String(field(content, "op")), elements: elements.map((each) => ({ values: parts.valuesOf(each) })) };
  }
  const data = name === "map" || name === "vmap" ? field(content, "data") : undefined;
  const pairs = pairsOf(data, rule, nftables);
  if (!pairs) return undefined;
  const parts = partsOf(field(content, "key"));
  return { ...parts, op: "==", elements: pairs.map(([key, mapped]) => ({ values: parts.valuesOf(elementValue(key)), mapped })) };
}

function partsOf(left: Json): { parts: readonly Json[]; valuesOf: (element: Json) => readonly Json[] } {
  const parts = field(left, "concat");
  if (!Array.isArray(parts)) return { parts: [left], valuesOf: (element) => [element] };
  return { parts: parts as Json[], valuesOf: (element) => (field(element, "concat") as Json[] | undefined) ?? [] };
}

function replaced(rule: ListedRule, statement: Json, verdict: Json): NonNullable<ListedRule["expr"]> {
  return statementsOf(rule).map((each) => (each === statement ? verdict : each)) as NonNullable<ListedRule["expr"]>;
}
