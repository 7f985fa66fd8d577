/** Rules for addresses that no host in the lab has: if the real server has them, the lab cannot show what these rules let in. Pure. */
import { fromNumber, isUnicast } from "../core/address.ts";
import { type AddressRange, prefixesOf } from "../core/address-range.ts";
import { rangesOf } from "./address-match.ts";
import type { Connection } from "./connection.ts";
import { field, type Json, statementsOf } from "./expressions.ts";
import { missesOpening } from "./lets-in.ts";
import { arriving, elementsOf, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { elementsIn, excludes, keysIn } from "./syn-match.ts";
import type { SetElements } from "./value-match.ts";

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
  written: (rule: ListedRule) => string | undefined,
  hooks: readonly string[] = arriving,
): ForeignDestination[] {
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  return [...met].flatMap((rule) => {
    const tests = statementsOf(rule).flatMap((statement) => destinationsIn(statement, connection, elementsOf(listing.nftables, rule)));
    const foreign = tests.filter(({ ranges }) => ranges.length > 0 && ranges.every((range) => isHost(range) && !overlaps(range, has)));
    if (foreign.length === 0) return [];
    const negated = foreign.some((each) => each.negated);
    if (!missesOpening(rule, negated, { listing, met, written })) return [];
    return [{ rule, addresses: [...new Set(foreign.flatMap(({ ranges }) => ranges.flatMap((range) => prefixesOf([range]))))] }];
  });
}

/** Does the rule match only what is sent to other addresses than these? */
export function isForOthers(rule: ListedRule, own: readonly AddressRange[], { nftables }: NftListing, connection: Connection): boolean {
  const tests = statementsOf(rule).flatMap((statement) => destinationsIn(statement, connection, elementsOf(nftables, rule)));
  return tests.some(({ ranges, negated }) => !negated && ranges.length > 0 && !ranges.some((range) => overlaps(range, own)));
}

interface Destinations {
  ranges: AddressRange[];
  negated: boolean;
}

/** What a statement asks of the destination; nothing where not all addresses are known. */
function destinationsIn(statement: Json, connection: Connection, sets: SetElements): Destinations[] {
  const match = field(statement, "match");
  const tests = match === undefined ? keysIn(statement) : [match];
  return tests.flatMap((test) => {
    const op = field(test, "op");
    if (op !== "==" && op !== "!=") return [];
    return partsOf(field(test, "left"), field(test, "right"), connection, sets).flatMap(([part, values]) => {
      const ranges = isDestination(part) ? rangesOf(values, sets) : undefined;
      return ranges ? [{ ranges, negated: op === "!=" }] : [];
    });
  });
}

/** `ip daddr . tcp dport { 192.0.2.1 . 80 }`: each part with the values that a connection may have there. */
function partsOf(left: Json, right: Json, connection: Connection, sets: SetElements): [part: Json, values: Json][] {
  const parts = field(left, "concat");
  if (!Array.isArray(parts)) return [[left, right]];
  const values = elementsIn(right, sets)?.filter((each) => !excludes(parts as Json[], each, connection, "in", sets));
  if (!values) return [];
  return (parts as Json[]).map((part, at) => [part, values.map((value) => (field(value, "concat") as Json[] | undefined)?.[at])]);
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
