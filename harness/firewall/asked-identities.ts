/** What a rule asks of a packet's source: an address, a list of them, a MAC address, IPsec, a type or group of interfaces, a mark. Pure. */
import { fromNumber } from "../core/address.ts";
import { type AddressRange, everyAddress, parseRange } from "../core/address-range.ts";
import { holdsRange } from "./address-match.ts";
import { entriesBelow, field, isDestinationPort, type Json, statementsOf } from "./expressions.ts";
import { isMark } from "./marks.ts";
import { namedIn } from "./named-sets.ts";
import type { WordedRule } from "./opening-rules.ts";
import { sourceField } from "./source-fields.ts";
import type { Answer, SetElements } from "./value-match.ts";

/**
 * `address-bits`: bits or a hash of the address. `interfaces`: by kind, type, group, VLAN, VRF or bridge, which the name does not show. `mark`: a mark that
 * no rule sets, so another program must. `listed`: on a list of addresses that packets add to (port knocking), or that is empty, so that another program must.
 */
export type Identity = "address" | "listed" | "address-bits" | "hardware-address" | "ipsec" | "interfaces" | "mark";

/** A condition of a rule that packets of certain sources meet. */
export interface Asked {
  by: Identity;
  /** Do these addresses meet it? Left out: unknown. */
  holds?: (range: AddressRange) => Answer;
  /** A verdict map: what one source gets says nothing about another. */
  each?: true;
}

export interface Known {
  sets: SetElements;
  /** Is the ipset of this name such a list? */
  isIpsetFilled: (name: string) => boolean;
  /** Undefined: any. */
  ports: readonly number[] | undefined;
  /** A rule sets marks, so that a mark is no identity. */
  marksSet: boolean;
  /** The family of the rule's table. */
  family: string;
}

/** Conditions that only packets of the named sources meet; with `negated`, those that all packets meet except theirs. */
export function askedIdentities({ rule, words }: WordedRule, known: Known, negated: boolean): Asked[] {
  return [
    ...(known.marksSet ? [] : asksForMark(rule, words, negated)),
    ...statementsOf(rule).flatMap((each) => ofStatement(each, known, negated)),
    ...ofWords(words, negated, known),
  ];
}

/** Packets have no mark at first: a rule that matches mark 0 requires nothing. */
function asksForMark(rule: WordedRule["rule"], words: readonly string[], negated: boolean): Asked[] {
  const native = statementsOf(rule).some((statement) => {
    const match = field(statement, "match");
    const masked = field(field(match, "left"), "&");
    const left = Array.isArray(masked) ? (masked[0] as Json) : field(match, "left");
    return isMark(left) && field(match, "op") === (negated ? "!=" : "==") && field(match, "right") !== 0;
  });
  const inWords = words.some(
    (word, at) => word === "--mark" && (words[at - 1] === "!") === negated && !/^0(x0)?(\/|$)/.test(words[at + 1] ?? ""),
  );
  return native || inWords ? [{ by: "mark" }] : [];
}

function ofStatement(statement: Json, known: Known, negated: boolean): Asked[] {
  const vmap = field(statement, "vmap");
  if (vmap !== undefined) {
    const found = negated ? [] : ofMatch(field(vmap, "key"), "==", keysThatLetOn(field(vmap, "data")), known);
    return found.map((each) => ({ ...each, each: true }));
  }
  const match = field(statement, "match");
  return match === undefined ? [] : ofMatch(field(match, "left"), String(field(match, "op")), field(match, "right"), known, negated);
}

function ofMatch(left: Json, op: string, right: Json, known: Known, negated = false): Asked[] {
  const parts = field(left, "concat");
  if (Array.isArray(parts)) return ofConcat(parts as Json[], op, right, known, negated);
  // Whatever it is compared with, `true` and `false` are each other's opposite.
  if (entriesBelow(left).some(isOfIpsec)) return ((right === false) !== (op === "!=")) === negated ? [{ by: "ipsec" }] : [];
  const isEqual = op === "==" || op === "in";
  const ends = comparedRange(op, right);
  if (!(negated ? op === "!=" : isEqual || ends)) return [];
  const by = sourceField(left, known.family);
  if (by === "address")
    return [isList(right, known) ? { by: "listed" } : { by, holds: (range) => holdsRange(range, ends ?? right, known.sets) }];
  if (by) return [{ by }];
  return entriesBelow(left).some(isOfInterfaces) ? [{ by: "interfaces" }] : [];
}

function ofConcat(parts: readonly Json[], op: string, right: Json, known: Known, negated: boolean): Asked[] {
  // Of a list, only its name is known.
  if (isList(right, known)) return parts.flatMap((part) => ofMatch(part, op, right, known, negated));
  const members = membersFor(right, parts.findIndex(isDestinationPort), known);
  return members?.length === 0 ? [] : parts.flatMap((part, at) => ofMatch(part, op, partOf(members, at), known, negated));
}

/** Packets change a set whose elements are not known. */
function isList(right: Json, { sets }: Known): boolean {
  return namedIn(right).some((name) => (sets(name) ?? []).length === 0);
}

/** `<` and its like, as the range of addresses that meet it. */
function comparedRange(op: string, right: Json): Json {
  const value = typeof right === "string" ? parseRange(right) : undefined;
  if (!value) return undefined;
  const { family, first, last } = value;
  const every = everyAddress(family);
  const ends: Record<string, readonly [bigint, bigint]> = {
    "<": [every.first, first - 1n],
    "<=": [every.first, last],
    ">": [last + 1n, every.last],
    ">=": [first, every.last],
  };
  return ends[op] && { range: ends[op].map((end) => fromNumber(end, family).text) };
}

const interfaceKeys = new Set(["iifgroup", "iifkind", "iiftype", "sdif", "sdifname", "ibrname", "ibrpvid", "ibrvproto"]);

/** A VLAN is an interface of its own to the host. */
function isOfInterfaces([key, content]: readonly [string, Json]): boolean {
  return key === "meta" ? interfaceKeys.has(String(field(content, "key"))) : key === "payload" && field(content, "protocol") === "vlan";
}

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

/** Keys of an anonymous verdict map, or the name of another one; null: not known. */
function keysThatLetOn(data: Json): Json {
  if (typeof data === "string") return data;
  const set = field(data, "set");
  if (!Array.isArray(set)) return null;
  const pairs = (set as Json[]).filter((pair): pair is Json[] => Array.isArray(pair));
  return { set: pairs.filter(([, verdict]) => field(verdict, "drop") === undefined).map(([key]) => key as Json) };
}

const byOption: Readonly<Record<string, Identity>> = {
  "--cluster-local-node": "address-bits",
  "--cluster-local-nodemask": "address-bits",
  "--src-group": "interfaces",
  "--physdev-in": "interfaces",
  "--mac-source": "hardware-address",
};
const rangeOptions = new Set(["--src-range", "--ctorigsrc", "--ctrepldst"]);
/** Of `recent`: they match who is on its list. */
const listOptions = new Set(["--rcheck", "--update", "--remove"]);

/** Extensions that nft cannot show. */
function ofWords(words: readonly string[], negated: boolean, known: Known): Asked[] {
  return words.flatMap((word, at): Asked[] => {
    // `none`: all packets but IPsec's.
    if (word === "--pol") return (words[at + 1] === "none") === negated ? [{ by: "ipsec" }] : [];
    if ((words[at - 1] === "!") !== negated) return [];
    const isExtension = words[at - 1] === "-m" || words[at - 1] === "--match";
    if (word === "eui64") return isExtension ? [{ by: "address-bits" }] : [];
    return ofOption(word, words.slice(at + 1), words.includes("--rdest"), known);
  });
}

function ofOption(option: string, values: readonly string[], ofDestination: boolean, known: Known): Asked[] {
  const by = byOption[option];
  if (by) return [{ by }];
  if (rangeOptions.has(option)) return [{ by: "address", holds: holdsWritten(values[0] ?? "") }];
  if (listOptions.has(option)) return ofDestination ? [] : [{ by: "listed" }];
  return option === "--match-set" ? ofIpset(values, known) : [];
}

function holdsWritten(text: string): (asked: AddressRange) => Answer {
  const range = parseRange(text);
  return (asked) => (range ? holdsRange(asked, text, () => undefined) : "unknown");
}

function ofIpset([name = "", directions = ""]: readonly string[], { isIpsetFilled }: Known): Asked[] {
  if (!/\bsrc\b/.test(directions)) return [];
  return [{ by: isIpsetFilled(name) ? "listed" : "address" }];
}
