/** Rules for addresses that no host in the lab has: if the real server has them, the lab cannot show what these rules let in. Pure. */
import { fromNumber, isUnicast } from "../core/address.ts";
import { type AddressRange, prefixesOf } from "../core/address-range.ts";
import { rangesOf } from "./address-match.ts";
import type { Connection } from "./connection.ts";
import { field, type Json } from "./expressions.ts";
import { missesOpening } from "./lets-in.ts";
import { elementsOf } from "./named-sets.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import { type Case, casesOf } from "./rule-cases.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";

export interface ForeignDestination {
  rule: ListedRule;
  /** Addresses and prefixes. */
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
  written: WrittenRule,
  hooks: readonly string[] = arriving,
): ForeignDestination[] {
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  return [...met].flatMap((rule) => {
    const foreign = destinationsOf(rule, listing, connection).flatMap((named) => {
      const own = named.filter(({ ranges }) => ranges.some((range) => overlaps(range, has)));
      return named.filter(
        (each) =>
          each.ranges.every((range) => isHost(range) && !overlaps(range, has)) &&
          !own.some(({ alike }) => alike === each.alike) &&
          missesOpening(each.rule, each.negated, { listing, met, written }),
      );
    });
    const addresses = foreign.flatMap(({ ranges }) => ranges.flatMap((range) => prefixesOf([range])));
    return addresses.length > 0 ? [{ rule, addresses: [...new Set(addresses)] }] : [];
  });
}

/** Does the rule match only what is sent to other addresses than these? */
export function isForOthers(rule: ListedRule, own: readonly AddressRange[], listing: NftListing, connection: Connection): boolean {
  return destinationsOf(rule, listing, connection).some(
    (named) => named.length > 0 && named.every(({ ranges, negated }) => !negated && !ranges.some((range) => overlaps(range, own))),
  );
}

interface Destination extends Omit<Case, "value" | "op"> {
  ranges: AddressRange[];
  negated: boolean;
}

/** What a rule asks of the destination, by comparison; without those of which not all addresses are known. */
function destinationsOf(rule: ListedRule, listing: NftListing, connection: Connection): Destination[][] {
  const sets = elementsOf(listing.nftables, rule);
  return casesOf(rule, isDestination, listing, connection).flatMap((all) => {
    const found = all.map(({ value, op, ...each }) => ({ ...each, op, ranges: rangesOf(value, sets), negated: op === "!=" }));
    return found.every(({ op, ranges }) => (op === "==" || op === "!=") && ranges) ? [found as Destination[]] : [];
  });
}

/** Either side knows the server's address. */
function isDestination(value: Json): boolean {
  const payload = field(value, "payload");
  if (field(payload, "field") === "daddr") return ["ip", "ip6"].includes(String(field(payload, "protocol")));
  const ct = field(value, "ct");
  const direction = field(ct, "dir");
  return (
    (direction === "original" && /\bdaddr$/.test(String(field(ct, "key")))) ||
    (direction === "reply" && /\bsaddr$/.test(String(field(ct, "key"))))
  );
}

/** Not multicast, broadcast or loopback, which belong to no single host. */
function isHost({ first, last, family }: AddressRange): boolean {
  if (family === 4 && first === last && first % 256n === 255n) return false;
  return isUnicast(fromNumber(first === last ? first : first + 1n, family));
}

function overlaps(range: AddressRange, others: readonly AddressRange[]): boolean {
  return others.some(({ first, last, family }) => family === range.family && first <= range.last && range.first <= last);
}
