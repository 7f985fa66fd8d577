/** Rules for addresses that no host in the lab has: if the real server has them, the lab cannot show what these rules let in. Pure. */
import { fromNumber, isUnicast } from "../core/address.ts";
import type { AddressRange } from "../core/address-range.ts";
import { rangesOf } from "./address-match.ts";
import { field, type Json, statementsOf } from "./expressions.ts";
import { missesOpening } from "./lets-in.ts";
import { arriving, elementsOf, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import type { Connection, SetElements } from "./syn-match.ts";

export interface ForeignDestination {
  rule: ListedRule;
  /** The first address of each range that it names. */
  addresses: string[];
}

/**
 * @param has every address in the lab
 * @param hooks as for rules about interfaces
 */
export function missedDestinations(
  listing: NftListing,
  has: readonly AddressRange[],
  connection: Connection,
  written: (rule: ListedRule) => string | undefined,
  hooks: readonly string[] = arriving,
): ForeignDestination[] {
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  return [...met].flatMap((rule) => {
    const tests = statementsOf(rule).flatMap((statement) => destinationsIn(statement, elementsOf(listing.nftables, rule)));
    const foreign = tests.filter(({ ranges }) => ranges.length > 0 && ranges.every((range) => isHost(range) && !overlaps(range, has)));
    if (foreign.length === 0) return [];
    const negated = foreign.some((each) => each.negated);
    if (!missesOpening(rule, negated, { listing, met, written })) return [];
    const addresses = foreign.flatMap(({ ranges }) => ranges.map(({ first, family }) => fromNumber(first, family).text));
    return [{ rule, addresses: [...new Set(addresses)] }];
  });
}

interface Destinations {
  ranges: AddressRange[];
  negated: boolean;
}

/** Empty if not all addresses are known. */
function destinationsIn(statement: Json, sets: SetElements): Destinations[] {
  const match = field(statement, "match");
  const payload = field(field(match, "left"), "payload");
  const op = field(match, "op");
  if (field(payload, "field") !== "daddr" || !["ip", "ip6"].includes(String(field(payload, "protocol")))) return [];
  const ranges = rangesOf(field(match, "right"), sets);
  return ranges && (op === "==" || op === "!=") ? [{ ranges, negated: op === "!=" }] : [];
}

/** Not multicast, broadcast or loopback, which belong to no single host. */
function isHost({ first, last, family }: AddressRange): boolean {
  if (family === 4 && first === last && first % 256n === 255n) return false;
  return isUnicast(fromNumber(first === last ? first : first + 1n, family));
}

function overlaps(range: AddressRange, others: readonly AddressRange[]): boolean {
  return others.some(({ first, last, family }) => family === range.family && first <= range.last && range.first <= last);
}
