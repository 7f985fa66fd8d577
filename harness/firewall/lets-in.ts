/** Whether a rule, or a chain that it leads to, lets packets in or keeps them out. Pure. */
import { closes, steering } from "./effect.ts";
import { extensionsOf, field, type Json } from "./expressions.ts";
import { pairsOf } from "./named-sets.ts";
import { asksFor, notesIn } from "./notes.ts";
import { isForOpen } from "./open-connections.ts";
import { targetsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { wordsOf } from "./sender-fields.ts";

/** Verdicts that make a packet skip the rules after them. If none of those blocks, they open nothing. */
const passing = ["accept", "return"];
const verdicts = ["dnat", "redirect", "mangle", "queue"];

export interface Met {
  listing: NftListing;
  /** Rules that a packet of the connection may meet. */
  met: ReadonlySet<ListedRule>;
  written: WrittenRule;
}

/** Lets packets through, or leads to a chain with a rule that does. */
function opens(rule: ListedRule, found: Met, visited = new Set<string>()): boolean {
  const { listing, written } = found;
  if (closes(rule) || isForOpen(rule, wordsOf(rule, written(rule)))) return false;
  const ways = steering(rule);
  if (notesIn(ways)) return isAskedFor(rule, found);
  if (hasTarget(rule)) return true;
  const counting = mayBeBlocked(rule, listing) ? [...passing, ...verdicts] : verdicts;
  if (ways.some((statement) => typeof statement === "string" || counting.some((name) => has(statement, name)))) return true;
  if (
    ways.some((statement) => verdictsOf(statement, rule, listing)?.some((verdict) => counting.some((name) => has(verdict, name))) ?? true)
  )
    return true;
  return below(rule, found, visited).some((each) => opens(each, found, visited));
}

/** Of its map, if it has one. Undefined: packets change them. */
function verdictsOf(statement: Json, rule: ListedRule, { nftables }: NftListing): readonly Json[] | undefined {
  const vmap = field(statement, "vmap");
  return vmap === undefined ? [] : pairsOf(field(vmap, "data"), rule, nftables)?.map(([, verdict]) => verdict);
}

/** Does the rule only note something on the packet, and one that decides asks for it? */
function isAskedFor(rule: ListedRule, { met, written }: Met): boolean {
  const notes = notesIn(steering(rule));
  return (
    notes !== undefined &&
    [...met].some((each) => notesIn(steering(each)) === undefined && asksFor(each, wordsOf(each, written(each)), notes))
  );
}

/** Does the rule, or the chain that it jumps to, only note something for which no rule asks, as one that marks what is to be masqueraded? */
export function onlyNotes(rule: ListedRule, found: Met, visited = new Set<string>()): boolean {
  const ways = steering(rule);
  if (notesIn(ways)) return !isAskedFor(rule, found);
  const led = ways.every((statement) => has(statement, "jump")) ? below(rule, found, visited) : [];
  return led.length > 0 && led.every((each) => onlyNotes(each, found, visited));
}

/** May a rule about something that the host lacks let in what the lab does not see? `negated`: it is about everything else. */
export function missesOpening(rule: ListedRule, negated: boolean, found: Met): boolean {
  if (!negated) return opens(rule, found);
  return closes(rule) || targetsOf(rule, found.listing.nftables).length > 0 || isAskedFor(rule, found);
}

/** Does the rule block packets, or jump to a chain with a rule that does? */
export function closesBelow(rule: ListedRule, found: Met, visited = new Set<string>()): boolean {
  return closes(rule) || hasTarget(rule) || below(rule, found, visited).some((each) => closesBelow(each, found, visited));
}

/** The rules of the chains that a rule jumps to, each chain once. */
function below(rule: ListedRule, { listing: { nftables }, met }: Met, visited: Set<string>): ListedRule[] {
  const targets = targetsOf(rule, nftables).filter((target) => !visited.has(target));
  for (const target of targets) visited.add(target);
  return nftables.flatMap(({ rule: each }) => (each && met.has(each) && targets.some((target) => isIn(each, rule, target)) ? [each] : []));
}

/** NAT chains never block; chains before the input hook may not either. */
function mayBeBlocked({ family, table, chain: name }: ListedRule, { nftables }: NftListing): boolean {
  const rules = nftables.flatMap(({ rule }) => (rule?.family === family && rule.table === table ? [rule] : []));
  const below = (start: string): Set<string> => {
    const chains = new Set([start]);
    for (const each of chains)
      for (const rule of rules) if (rule.chain === each) for (const target of targetsOf(rule, nftables)) chains.add(target);
    return chains;
  };
  const blocking = (chains: ReadonlySet<string>) => rules.some((rule) => chains.has(rule.chain) && (closes(rule) || hasTarget(rule)));
  return nftables.some(({ chain: base }) => {
    if (!base?.hook || base.family !== family || base.table !== table || base.type === "nat") return false;
    const chains = below(base.name);
    return chains.has(name) && (base.hook === "input" || base.policy === "drop" || blocking(chains));
  });
}

/** An iptables target that nft only lists by name: it may do anything. */
function hasTarget(rule: ListedRule): boolean {
  return extensionsOf(rule).some(
    (extension) => extension.startsWith("target ") && extension !== "target LOG" && extension !== "target NFLOG",
  );
}

function isIn({ family, table, chain }: ListedRule, from: ListedRule, target: string): boolean {
  return family === from.family && table === from.table && chain === target;
}

/** Verdicts are written `{"accept": null}`. */
function has(statement: Json, name: string): boolean {
  return typeof statement === "object" && statement !== null && Object.hasOwn(statement, name);
}
