/** Rules that treat the host's interfaces differently from all others: if the server has others, the lab does not see what comes in by them. Pure. */
import type { Connection } from "./connection.ts";
import { matchesAny, type Named, testsOf } from "./foreign-interfaces.ts";
import { closesBelow, type Met, missesOpening } from "./lets-in.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { isStoppedBehind } from "./stopped-otherwise.ts";

export interface OwnInterfaceRule {
  rule: ListedRule;
  /** Those of the host that it names. */
  names: string[];
  /** It keeps out what comes in by these; otherwise it lets in what does not. */
  closes: boolean;
  /** May what comes in by another one get in? Slow in a large ruleset. */
  letsOthersIn: () => boolean;
}

/** Those by which a connection may get in from elsewhere. @param has the host's interfaces, without `lo` */
export function ownInterfaceRules(
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  written: WrittenRule,
): OwnInterfaceRule[] {
  const met = new Set(reachableRules(listing, connection, written, arriving).map(({ rule }) => rule));
  const found = { listing, met, written };
  return [...met].flatMap((rule): OwnInterfaceRule[] => {
    const own = testsOf(rule, listing, connection)
      .flat()
      .filter(({ name }) => matchesAny(name, has));
    const opening = own.filter((each) => each.negated && missesOpening(each.rule, false, found));
    const closing = own.filter((each) => !each.negated && closesBelow(each.rule, found));
    const namesOf = (named: readonly Named[]) => [...new Set(named.map(({ name }) => name))];
    if (opening.length > 0) return [{ rule, names: namesOf(opening), closes: false, letsOthersIn: () => true }];
    if (closing.length === 0) return [];
    return [{ rule, names: namesOf(closing), closes: true, letsOthersIn: () => !othersAreStopped(rule, has, connection, found) }];
  });
}

/** A handle that no rule has. */
const beforeAll = -1;

/** Behind it, or by another chain with a hook: by rules that are not about the host's interfaces alone. */
function othersAreStopped(rule: ListedRule, has: readonly string[], connection: Connection, { listing, written }: Met): boolean {
  const isOfOwn = (each: ListedRule) =>
    testsOf(each, listing).some((named) => named.length > 0 && named.every(({ name, negated }) => !negated && matchesAny(name, has)));
  const nftables = listing.nftables.filter((entry) => !entry.rule || entry.rule === rule || !isOfOwn(entry.rule));
  const starts = nftables.flatMap(({ chain }) =>
    chain?.type === "filter" && arriving.includes(chain.hook ?? "") ? [{ ...chain, chain: chain.name, handle: beforeAll }] : [],
  );
  return [rule, ...starts].some((each) => isStoppedBehind(each, { nftables }, connection, written));
}
