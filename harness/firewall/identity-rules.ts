/** Rules that let packets pass because of their source: an address, a MAC address, IPsec, a type or group of interfaces. Pure. */

import { type AddressRange, parseRange } from "../core/address-range.ts";
import { holdsRange } from "./address-match.ts";
import { entriesBelow, extensionsOf, field, isDestinationPort, type Json, statementsOf } from "./expressions.ts";
import { openingRules } from "./opening-rules.ts";
import { elementsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import type { SetElements } from "./syn-match.ts";
import type { Answer } from "./value-match.ts";

/** `interfaces`: by kind, type or group, which the name does not show. `mark`: a mark that no rule sets, so another program must. */
export type Identity = "address" | "hardware-address" | "ipsec" | "interfaces" | "mark";

export interface IdentityRule {
  rule: ListedRule;
  by: Identity;
  /** May it let these addresses pass? */
  mayHold(range: AddressRange): boolean;
}

/**
 * Such rules that a new connection to `port` may meet. A rule that lets everybody pass except some sources is not one of them.
 * @param written the user's own words of a rule; undefined where they are not known
 */
export function identityRules(
  listing: NftListing,
  port: number | undefined,
  written: (rule: ListedRule) => string | undefined,
): IdentityRule[] {
  const { rules, ports } = openingRules(listing, port, written);
  const marksSet = listing.nftables.some(({ rule }) => rule !== undefined && setsMark(rule));
  return rules.flatMap(({ rule, words }) => {
    const asked = [
      ...(marksSet ? [] : asksForMark(rule, words)),
      ...statementsOf(rule).flatMap((each) => ofStatement(each, { sets: elementsOf(listing.nftables, rule), ports })),
      ...ofWords(words),
    ];
    const by = asked.find((each) => each.by !== "address")?.by ?? asked[0]?.by;
    if (!by) return [];
    return [{ rule, by, mayHold: (range) => asked.every((each) => each.holds?.(range) !== "no") }];
  });
}

function setsMark(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => extension === "target MARK" || extension === "target CONNMARK")) return true;
  return statementsOf(rule).some((statement) => isMark(field(field(statement, "mangle"), "key")));
}

function isMark(expression: Json): boolean {
  return ["meta", "ct"].some((kind) => field(field(expression, kind), "key") === "mark");
}

/** Packets have no mark at first: a rule that matches mark 0 requires nothing. */
function asksForMark(rule: ListedRule, words: readonly string[]): Asked[] {
  const native = statementsOf(rule).some((statement) => {
    const match = field(statement, "match");
    const masked = field(field(match, "left"), "&");
    const left = Array.isArray(masked) ? (masked[0] as Json) : field(match, "left");
    return isMark(left) && field(match, "op") === "==" && field(match, "right") !== 0;
  });
  const inWords = words.some((word, at) => word === "--mark" && words[at - 1] !== "!" && !/^0(x0)?(\/|$)/.test(words[at + 1] ?? ""));
  return native || inWords ? [{ by: "mark" }] : [];
}

interface Asked {
  by: Identity;
  holds?: (range: AddressRange) => Answer;
}

interface Known {
  sets: SetElements;
  /** Undefined: any. */
  ports: readonly number[] | undefined;
}

function ofStatement(statement: Json, known: Known): Asked[] {
  const vmap = field(statement, "vmap");
  if (vmap !== undefined) return ofMatch(field(vmap, "key"), keysThatLetOn(field(vmap, "data")), known);
  const match = field(statement, "match");
  const isEqual = field(match, "op") === "==" || field(match, "op") === "in";
  return match !== undefined && isEqual ? ofMatch(field(match, "left"), field(match, "right"), known) : [];
}

function ofMatch(left: Json, right: Json, known: Known): Asked[] {
  const parts = field(left, "concat");
  if (Array.isArray(parts)) {
    const members = membersFor(right, (parts as Json[]).findIndex(isDestinationPort), known);
    return members?.length === 0 ? [] : (parts as Json[]).flatMap((part, at) => ofMatch(part, partOf(members, at), known));
  }
  const payload = field(left, "payload");
  if (field(payload, "field") === "saddr") {
    const protocol = field(payload, "protocol");
    if (protocol === "ether") return [{ by: "hardware-address" }];
    return protocol === "ip" || protocol === "ip6" ? [{ by: "address", holds: (range) => holdsRange(range, right, known.sets) }] : [];
  }
  if (entriesBelow(left).some(isOfIpsec)) return right === false ? [] : [{ by: "ipsec" }];
  return interfaceKeys.has(String(field(field(left, "meta"), "key"))) ? [{ by: "interfaces" }] : [];
}

const interfaceKeys = new Set(["iifgroup", "iifkind", "iiftype"]);

function isOfIpsec([key, content]: readonly [string, Json]): boolean {
  return key === "ipsec" || ((key === "meta" || key === "rt") && field(content, "key") === "ipsec");
}

/** Members of a set with concatenated fields, without those for another port. Undefined: not known. */
function membersFor(right: Json, portAt: number, { sets, ports }: Known): readonly Json[][] | undefined {
  const named = typeof right === "string" && right.startsWith("@") ? sets(right.slice(1)) : field(right, "set");
  if (!Array.isArray(named)) return undefined;
  const members = (named as Json[]).map((each) => field(field(field(each, "elem"), "val") ?? each, "concat") as Json[]);
  return members.filter((parts) => typeof parts[portAt] !== "number" || !ports || ports.includes(parts[portAt]));
}

/** One field of each member; null: not known. */
function partOf(members: readonly Json[][] | undefined, at: number): Json {
  return members ? { set: members.map((parts) => parts[at]) } : null;
}

/** Keys of an anonymous verdict map; null: not known. */
function keysThatLetOn(data: Json): Json {
  const set = field(data, "set");
  if (!Array.isArray(set)) return null;
  const pairs = (set as Json[]).filter((pair): pair is Json[] => Array.isArray(pair));
  return { set: pairs.filter(([, verdict]) => field(verdict, "drop") === undefined).map(([key]) => key as Json) };
}

/** Extensions that nft cannot show. */
function ofWords(words: readonly string[]): Asked[] {
  return words.flatMap((word, at): Asked[] => {
    if (words[at - 1] === "!") return [];
    switch (word) {
      case "--src-range": {
        const range = parseRange(words[at + 1] ?? "");
        return [{ by: "address", holds: (asked) => (range ? holdsRange(asked, words[at + 1], () => undefined) : "unknown") }];
      }
      case "--match-set":
        return /\bsrc\b/.test(words[at + 2] ?? "") ? [{ by: "address" }] : [];
      case "--mac-source":
        return [{ by: "hardware-address" }];
      case "--pol":
        return words[at + 1] === "ipsec" ? [{ by: "ipsec" }] : [];
      default:
        return [];
    }
  });
}
