/** The rules that packets of a connection may meet, from the hooks along jumps. */

import type { Connection, Way } from "./connection.ts";
import { entriesBelow, field, statementsOf } from "./expressions.ts";
import { chainKey } from "./firewall-files.ts";
import { elementsOf, pairsOf } from "./named-sets.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { couldMatch } from "./syn-match.ts";

export interface MetRule {
  rule: ListedRule;
  way: Way;
}

/** Hooks that a packet to this machine passes. */
export const arriving: readonly string[] = ["ingress", "prerouting", "input"];
const outgoing = new Set(["output", "postrouting", "egress"]);

/**
 * @param hooks where the packets begin; left out: all
 */
export function reachableRules(
  { nftables }: NftListing,
  connection: Connection,
  written: WrittenRule,
  hooks?: readonly string[],
): MetRule[] {
  const rules = rulesByChain(nftables);
  const met = new Map<string, MetRule>();
  const visited = new Set<string>();
  const visit = (chain: string, way: Way, towards: Way): void => {
    const key = `${way} ${towards} ${chain}`;
    if (visited.has(key)) return;
    visited.add(key);
    for (const rule of rules.get(chain) ?? []) {
      if (!couldMatch(rule, written(rule), connection, towards, elementsOf(nftables, rule))) continue;
      met.set(`${key} ${rule.handle}`, { rule, way });
      for (const target of targetsOf(rule, nftables)) visit(chainKey({ ...rule, chain: target }), way, towards);
    }
  };
  for (const { chain } of nftables)
    if (chain?.hook && chain.family !== "arp" && (hooks?.includes(chain.hook) ?? true)) {
      const way = outgoing.has(chain.hook) ? "out" : "in";
      // Translation is decided by the packet that opens a connection, never by an answer, so it goes to the connection's port wherever it is met.
      visit(chainKey({ ...chain, chain: chain.name }), way, chain.type === "nat" ? "in" : way);
    }
  return [...met.values()];
}

const grouped = new WeakMap<NftListing["nftables"], Map<string, ListedRule[]>>();

/** By family, table and chain. A listing is asked for every port: grouped once. */
function rulesByChain(nftables: NftListing["nftables"]): Map<string, ListedRule[]> {
  const found =
    grouped.get(nftables) ??
    Map.groupBy(
      nftables.flatMap(({ rule }) => (rule ? [rule] : [])),
      chainKey,
    );
  grouped.set(nftables, found);
  return found;
}

/** Chains that a rule jumps or goes to. */
export function targetsOf(rule: ListedRule, nftables: NftListing["nftables"]): string[] {
  return statementsOf(rule).flatMap((statement) => {
    const verdicts = pairsOf(field(field(statement, "vmap"), "data"), rule, nftables)?.map(([, verdict]) => verdict) ?? [];
    return [...entriesBelow(statement), ...verdicts.flatMap(entriesBelow)].flatMap(([key, content]) => {
      const target = key === "jump" || key === "goto" ? field(content, "target") : undefined;
      return typeof target === "string" ? [target] : [];
    });
  });
}
