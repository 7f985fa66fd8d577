/** The rules that a new connection may meet on its way in, that do not close it and can change its way. Pure. */
import { closes, steers } from "./effect.ts";
import { isForOpen } from "./open-connections.ts";
import { movesOf, portsUnder } from "./port-moves.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { wordsOf } from "./sender-fields.ts";

export interface OpeningRule {
  rule: ListedRule;
  /** In iptables's words, where nft cannot show all of it. */
  words: readonly string[];
}

/**
 * @param port undefined: any
 * @param written the user's own words of a rule; undefined where they are not known
 * @returns the rules, each once, and the ports that its packets may carry meanwhile; undefined: any
 */
export function openingRules(
  listing: NftListing,
  port: number | undefined,
  written: (rule: ListedRule) => string | undefined,
): { rules: OpeningRule[]; ports: readonly number[] | undefined } {
  const ports = port === undefined ? undefined : portsUnder(movesOf(listing, written), port);
  const met = reachableRules(listing, ports ? { ports } : {}, written, arriving);
  const rules = [...new Set(met.map(({ rule }) => rule))].map((rule) => ({ rule, words: wordsOf(rule, written(rule)) }));
  return { rules: rules.filter(({ rule, words }) => !closes(rule) && steers(rule) && !isForOpen(rule, words)), ports };
}
