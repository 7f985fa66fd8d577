/** The rules that a new connection may meet on its way in, that do not close it and can change its way. Pure. */
import { steers } from "./effect.ts";
import { isForOpen } from "./open-connections.ts";
import { movesOf, portsUnder } from "./port-moves.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { wordsOf } from "./sender-fields.ts";
import { stoppingRules } from "./stopped-otherwise.ts";

export interface WordedRule {
  rule: ListedRule;
  /** In iptables's words, where nft cannot show all of it. */
  words: readonly string[];
}

/**
 * @param port undefined: any
 * @returns the rules, each once, all others that it may meet with them, and the ports that its packets may carry meanwhile; undefined: any
 */
export function openingRules(
  listing: NftListing,
  port: number | undefined,
  written: WrittenRule,
): { rules: WordedRule[]; met: WordedRule[]; ports: readonly number[] | undefined } {
  const ports = portsUnder(movesOf(listing, written), port);
  const reachable = reachableRules(listing, ports ? { ports } : {}, written, arriving);
  const met = [...new Set(reachable.map(({ rule }) => rule))].map((rule) => ({ rule, words: wordsOf(rule, written(rule)) }));
  const stops = stoppingRules(listing, ports ? { ports } : {}, written);
  const opens = ({ rule, words }: WordedRule) => steers(rule) && !isForOpen(rule, words) && !stops(rule);
  return { rules: met.filter(opens), met, ports };
}
