/** Walks the JSON in which nft lists rules (libnftables-json(5)). */
import type { ListedRule } from "./rule-lines.ts";

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

export function field(value: Json, name: string): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as { [key: string]: Json })[name] : undefined;
}

/** The values of a single one, a list, or a set in place. */
export function valuesIn(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as Json[];
  const set = field(value, "set");
  return Array.isArray(set) ? (set as Json[]) : [value];
}

/** The statements of a rule. What nft has no JSON for is a string. */
export function statementsOf({ expr }: ListedRule): readonly Json[] {
  return (expr ?? []) as readonly Json[];
}

type Entries = readonly (readonly [key: string, content: Json])[];

/** A listing stays as nft gave it, and each of its statements is looked into for every port that is asked about. */
const found = new WeakMap<object, Entries>();

/** Every object below `value`, itself included, as key and content. */
export function entriesBelow(value: Json): Entries {
  if (typeof value !== "object" || value === null) return [];
  const known = found.get(value);
  if (known) return known;
  const entries: Entries = Array.isArray(value)
    ? value.flatMap((each) => entriesBelow(each as Json))
    : Object.entries(value).flatMap(([key, content]): Entries => [[key, content], ...entriesBelow(content)]);
  found.set(value, entries);
  return entries;
}

/** Names of iptables's own extensions in a rule: `match recent`, `target NFQUEUE`. */
export function extensionsOf(rule: ListedRule): string[] {
  return statementsOf(rule).flatMap((statement) => {
    const xt = field(statement, "xt");
    return xt === undefined ? [] : [`${field(xt, "type")} ${field(xt, "name")}`];
  });
}

/** TCP's, or that of whatever transport it is; also where it is written as bits (`@th,16,16`). */
export function isDestinationPort(value: Json): boolean {
  const payload = field(value, "payload");
  if (field(payload, "base") === "th") return field(payload, "offset") === 16 && field(payload, "len") === 16;
  return field(payload, "field") === "dport" && (field(payload, "protocol") === "tcp" || field(payload, "protocol") === "th");
}
