/** Rules whose outcome depends on more than the packet: on earlier packets, chance, the clock or another program. */
import type { Family } from "../core/address.ts";
import { parseRange } from "../core/address-range.ts";
import { decides, silentChains } from "./effect.ts";
import { asksForExpiring } from "./expiring-elements.ts";
import { entriesBelow, extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import { amounts, letsInLater } from "./lets-in-later.ts";
import { settableBits } from "./marks.ts";
import { changedByRules, namedIn, setKey } from "./named-sets.ts";
import { movesOf, portsUnder } from "./port-moves.ts";
import { leadsByChance } from "./random-destination.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";

/**
 * `state`: what came before (limits, quotas, counts, addresses remembered): the first packet after a reset is always answered the same.
 * `chance`, `clock`: no reset makes the answer certain. `program`: the packet is handed to a process, and the lab has none.
 */
export type Dependence = "state" | "chance" | "clock" | "program";

export interface DependentRule {
  rule: ListedRule;
  on: readonly Dependence[];
  /** See `letsInLater`. */
  letsInLater: boolean;
}

/** A TCP connection; what is left out may be anything. */
export interface Visited {
  port?: number;
  family?: Family;
  /** The address that it comes from, as these rules see it. */
  source?: string;
  /** The port that it is to get to, where rules may lead it there. Default: `port`. */
  listener?: number;
}

/**
 * Rules that decide about a TCP connection to `port` and depend on more than its packets. A rule that certainly cannot match is left
 * out, and so is one that only logs, counts or remembers, or leads to chains where nothing else is done.
 * @param ipsets output of `ipset save`; left out: what the sets hold is not known
 */
export function dependentRules(listing: NftListing, connection: Visited, written: WrittenRule, ipsets?: string): DependentRule[] {
  const { port, family } = connection;
  const source = connection.source !== undefined && keepsSources(listing, written) ? parseRange(connection.source) : undefined;
  const marks = settableBits(listing, written);
  const ports = portsUnder(movesOf(listing, written), port);
  const changing = changingSets(listing);
  const silent = silentChains(listing);
  const fixed = ipsets !== undefined && areFixed(ipsets, listing);
  const asked = { marks, ...(ports ? { ports } : {}), ...(family ? { family } : {}), ...(source ? { source } : {}) };
  const met = new Set(reachableRules(listing, asked, written).map(({ rule }) => rule));
  return [...met].flatMap((rule) => {
    if (!decides(rule, silent)) return [];
    const on = dependences(rule, written(rule), changing, fixed);
    if (leadsByChance(rule, listing, written(rule), connection)) on.add("chance");
    if (asksForExpiring(rule, listing, asked, written(rule))) on.add("clock");
    return on.size > 0 ? [{ rule, on: [...on], letsInLater: letsInLater(rule, asked, { listing, met, written }) }] : [];
  });
}

const keeping = new WeakMap<NftListing, boolean>();

/** Does every packet that arrives have the source that it came with, whatever the rules? */
function keepsSources(listing: NftListing, written: WrittenRule): boolean {
  const keeps = keeping.get(listing) ?? !reachableRules(listing, {}, written, arriving).some(({ rule }) => changesSource(rule));
  keeping.set(listing, keeps);
  return keeps;
}

function changesSource(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => /^target (SNAT|MASQUERADE|NETMAP)$/.test(extension))) return true;
  return statementsOf(rule).some((statement) => {
    if (typeof statement === "string") return /\b(snat|masquerade|saddr set)\b/.test(statement);
    if (field(statement, "snat") !== undefined || field(statement, "masquerade") !== undefined) return true;
    return field(field(field(field(statement, "mangle"), "key"), "payload"), "field") === "saddr";
  });
}

/** By the extension's name, in iptables's words. */
const extensions: Record<string, Dependence> = {
  "match limit": "state",
  "match hashlimit": "state",
  "match recent": "state",
  "match connlimit": "state",
  "match quota": "state",
  "match connbytes": "state",
  "match rateest": "state",
  "match nth": "state",
  "match set": "state",
  "match dstlimit": "state",
  "match time": "clock",
  "match random": "chance",
  "match cpu": "chance",
  "target HMARK": "chance",
  "target NFQUEUE": "program",
  "target QUEUE": "program",
  "target TPROXY": "program",
};

/** By the key in nft's JSON. */
const statements: Record<string, Dependence> = {
  limit: "state",
  quota: "state",
  "ct count": "state",
  meter: "state",
  jhash: "chance",
  symhash: "chance",
  queue: "program",
  tproxy: "program",
};
const metaKeys: Record<string, Dependence> = { hour: "clock", day: "clock", time: "clock", random: "chance", cpu: "chance" };
const connectionKeys: Record<string, Dependence> = { bytes: "state", packets: "state", avgpkt: "state", id: "chance" };

/** In what nft lists as text because it has no JSON for it. */
const texts: readonly [RegExp, Dependence][] = [
  [/\b(limit (rate|name)|quota|ct count|meter|(add|update) @|ct (original |reply )?(bytes|packets|avgpkt)|numgen inc)\b/, "state"],
  [/\b(numgen random|jhash|symhash|meta (random|cpu)|ct id)\b/, "chance"],
  [/\b(queue|tproxy)\b/, "program"],
  [/\bmeta (hour|day|time)\b/, "clock"],
];

function dependences(
  rule: ListedRule,
  written: string | undefined,
  changing: ReadonlyMap<string, Dependence>,
  fixedIpsets: boolean,
): Set<Dependence> {
  const ofSet = (name: string) => changing.get(setKey({ ...rule, name }));
  const found = [
    ...extensionsOf(rule).map((extension) => ofExtension(extension, written, fixedIpsets)),
    ...statementsOf(rule).flatMap((statement) => [
      ...ofText(statement),
      ...entriesBelow(statement).flatMap(([key, content]) => [ofEntry(key, content, statement), ...namedIn(content).map(ofSet)]),
    ]),
  ];
  return new Set(found.filter((dependence) => dependence !== undefined));
}

/** No rule adds to ipsets or takes from them, and none of their members expires. */
function areFixed(ipsets: string, { nftables }: NftListing): boolean {
  return !/\btimeout\b/.test(ipsets) && !nftables.some(({ rule }) => rule && extensionsOf(rule).includes("target SET"));
}

function ofExtension(extension: string, written: string | undefined, fixedIpsets: boolean): Dependence | undefined {
  // Members may count what they matched, and a rule may ask for that.
  if (extension === "match set" && fixedIpsets && written !== undefined && !/ --(packets|bytes)-/.test(written)) return undefined;
  if (extension === "match statistic" && isNth(written)) return "state";
  if (extension === "match statistic") return isCertain(written) ? undefined : "chance";
  return extensions[extension];
}

function ofText(statement: Json): Dependence[] {
  if (typeof statement !== "string") return [];
  return texts.filter(([pattern]) => pattern.test(unquoted(statement))).map(([, dependence]) => dependence);
}

function ofEntry(key: string, content: Json, statement: Json): Dependence | undefined {
  // What is divided by one has no rest: kube-proxy's service with a single endpoint.
  if (dividing.has(key) && field(content, "mod") === 1) return undefined;
  switch (key) {
    case "numgen":
      return field(content, "mode") === "random" ? "chance" : "state";
    case "meta":
      return metaKeys[String(field(content, "key"))];
    case "ct":
      return connectionKeys[String(field(content, "key"))];
    case "op":
      return changesSet(content, statement) ? "state" : undefined;
    default:
      return Object.hasOwn(statements, key) ? statements[key] : undefined;
  }
}

const dividing = new Set(["numgen", "jhash", "symhash"]);

/** `add @…` and `update @…`, not the `op` of a comparison. */
function changesSet(op: Json, statement: Json): boolean {
  return (op === "add" || op === "update") && field(field(statement, "set") ?? field(statement, "map"), "op") !== undefined;
}

function isNth(written: string | undefined): boolean {
  if (written === undefined) return false;
  const words = iptablesWords(written);
  return words[words.indexOf("--mode") + 1] === "nth";
}

/** `--probability 1`, as kube-proxy writes it for the last of several endpoints. */
function isCertain(written = ""): boolean {
  const words = iptablesWords(written);
  const at = words.indexOf("--probability");
  return at >= 0 && Number(words[at + 1]) === 1;
}

/** Comments and log prefixes may say anything. */
function unquoted(text: string): string {
  return text.replaceAll(/"(\\.|[^"])*"/g, '""');
}

/** `family table name` of the sets and maps that packets add to, or whose elements count, or expire in the file. */
function changingSets({ nftables }: NftListing): Map<string, Dependence> {
  const changing = new Map<string, Dependence>([...changedByRules(nftables)].map((key) => [key, "state"]));
  for (const { set, map } of nftables) {
    const found = set ?? map;
    if (!found) continue;
    const { flags = [], elem = [] } = found;
    const key = setKey(found);
    const counts = entriesBelow([found.stmt ?? [], elem] as Json).some(([each]) => amounts.has(each));
    if (flags.includes("dynamic") || counts) changing.set(key, "state");
    else if (!changing.has(key) && elem.length > 0 && (flags.includes("timeout") || found.timeout !== undefined))
      changing.set(key, "clock");
  }
  return changing;
}
