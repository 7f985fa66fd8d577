/** Walks the JSON in which nft lists rules (libnftables-json(5)). */
import type { ListedRule } from "./rule-lines.ts";

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

export function field(value: Json, name: string): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as { [key: string]: Json })[name] : undefined;
}

/** The statements of a rule. What nft has no JSON for is a string. */
export function statementsOf({ expr }: ListedRule): readonly Json[] {
  return (expr ?? []) as readonly Json[];
}

/** Every object below `value`, itself included, as key and content. */
export function* entriesBelow(value: Json): Generator<[key: string, content: Json]> {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) for (const each of value) yield* entriesBelow(each as Json);
  else
    for (const [key, content] of Object.entries(value)) {
      yield [key, content];
      yield* entriesBelow(content);
    }
}

/** Names of iptables's own extensions in a rule: `match recent`, `target NFQUEUE`. */
export function extensionsOf(rule: ListedRule): string[] {
  return statementsOf(rule).flatMap((statement) => {
    const xt = field(statement, "xt");
    return xt === undefined ? [] : [`${field(xt, "type")} ${field(xt, "name")}`];
  });
}
