/** Rules that let packets pass because of their source: an address, a list of them, a MAC address, IPsec, a type or group of interfaces. Pure. */

import type { AddressRange } from "../core/address-range.ts";
import { type Asked, askedIdentities, type Identity } from "./asked-identities.ts";
import { extensionsOf, field, statementsOf } from "./expressions.ts";
import { ipsetsFilled } from "./ipset-members.ts";
import { closesBelow, missesOpening, onlyNotes } from "./lets-in.ts";
import { isMark, settableBits } from "./marks.ts";
import { elementsOf } from "./named-sets.ts";
import { isForOpen } from "./open-connections.ts";
import { openingRules } from "./opening-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { couldMatch } from "./syn-match.ts";

export interface IdentityRule {
  rule: ListedRule;
  by: Identity;
  /** May it let these addresses pass? */
  mayHold(range: AddressRange): boolean;
  /** A packet that matches the rule shows what happens to all that it lets pass. Not so for a rule that blocks everybody except some. */
  alike: boolean;
}

/**
 * Such rules that a new connection to `port` may meet. A rule that lets everybody pass except some sources is not one of them; a rule that blocks
 * everybody except some is.
 * @param ipsets output of `ipset save`
 */
export function identityRules(listing: NftListing, port: number | undefined, written: WrittenRule, ipsets = ""): IdentityRule[] {
  const { rules, met, ports } = openingRules(listing, port, written);
  const marksSet = listing.nftables.some(({ rule }) => rule !== undefined && setsMark(rule));
  const isIpsetFilled = ipsetsFilled(ipsets, listing, written);
  const askedBy = (rule: (typeof rules)[0], negated: boolean) => {
    const { family } = rule.rule;
    return askedIdentities(rule, { sets: elementsOf(listing.nftables, rule.rule), isIpsetFilled, ports, marksSet, family }, negated);
  };
  const found = { listing, met: new Set(met.map(({ rule }) => rule)), written };
  const marks = settableBits(listing, written);
  const couldAsk = (rule: ListedRule) => couldMatch(rule, written(rule), { marks }, "in", elementsOf(listing.nftables, rule));
  // What asks for a bit that no rule sets asks for another program's mark.
  const asking = { ...found, met: new Set([...found.met].filter(couldAsk)) };
  return [
    ...rules.flatMap((each) => {
      if (onlyNotes(each.rule, asking)) return [];
      // Where nobody is stopped, whoever is on a list gets in like everybody else.
      const asked = askedBy(each, false).filter(({ by }) => by !== "listed" || missesOpening(each.rule, false, found));
      const holds = (range: AddressRange) => asked.every((one) => one.holds?.(range) !== "no");
      return identityRule(each.rule, asked, { mayHold: holds, alike: !asked.some((one) => one.each) });
    }),
    ...met.flatMap((each) => {
      if (isForOpen(each.rule, each.words)) return [];
      const spared = askedBy(each, true);
      if (spared.length === 0 || !closesBelow(each.rule, found)) return [];
      const holds = (range: AddressRange) => spared.some((one) => one.holds?.(range) !== "no");
      return identityRule(each.rule, spared, { mayHold: holds, alike: false });
    }),
  ];
}

function identityRule(rule: ListedRule, asked: readonly Asked[], lets: Omit<IdentityRule, "rule" | "by">): IdentityRule[] {
  const by = asked.find((each) => each.by !== "address")?.by ?? asked[0]?.by;
  return by ? [{ rule, by, ...lets }] : [];
}

function setsMark(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => extension === "target MARK" || extension === "target CONNMARK")) return true;
  return statementsOf(rule).some((statement) => isMark(field(field(statement, "mangle"), "key")));
}
