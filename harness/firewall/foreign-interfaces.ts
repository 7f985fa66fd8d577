/** Rules about interfaces that a host does not have: in the lab they never match, or always. */
import type { AddressRange } from "../core/address-range.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { Connection } from "./connection.ts";
import { field, type Json } from "./expressions.ts";
import { chainKey } from "./firewall-files.ts";
import { isForOthers } from "./foreign-destinations.ts";
import { closesBelow, missesOpening } from "./lets-in.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import { type Case, casesOf } from "./rule-cases.ts";
import type { ListedRule, NftListing, NftListingEntry, WrittenRule } from "./rule-lines.ts";

export interface ForeignInterface {
  rule: ListedRule;
  /** The names that the host does not have, as the rule writes them. */
  names: string[];
  /** The rule distinguishes all interfaces but these: it always matches here. */
  negated: boolean;
  /** Beside each of them stands an interface of the host: `iifname { eth0, wlan0 }`. */
  others: boolean;
}

/** @param has the host's interfaces; `lo` is always there */
export function foreignInterfaces(listing: NftListing, has: readonly string[]): ForeignInterface[] {
  const known = ["lo", ...has];
  // Of `iifname != { eth0, wg0 }`, both are alike: what comes in by the host's shows what does by the other.
  const isLikeOwn = (each: Named, named: readonly Named[]) => each.negated && named.some(({ name }) => matchesAny(name, has));
  return listing.nftables.flatMap(({ rule }) => {
    if (!rule) return [];
    const tests = testsOf(rule, listing).map((named) => named.filter((each) => !isLikeOwn(each, named)));
    return namedBy(rule, tests, known);
  });
}

export interface Missing {
  /** Where the packets may be let in; the first alone where their port is one that a rule moves. Default: all. */
  hooks?: readonly string[];
  /** The host's addresses, where they are known: a rule that drops what others send to a container behind it lets in nobody to the host. */
  own?: readonly AddressRange[] | undefined;
}

/**
 * Those of them that let a connection in on the server: what they would accept there, the lab does not see. Where a rule treats packets of an
 * interface of the host in the same way, the lab sees it.
 */
export function missedAccepts(
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  written: WrittenRule,
  { hooks = arriving, own }: Missing = {},
): ForeignInterface[] {
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  const found = { listing, met, written };
  const missed = unlikeAny([...met], listing, has, connection, (rule, negated) => {
    if (negated && own && isForOthers(rule, own, listing, connection)) return false;
    return missesOpening(rule, negated, found);
  });
  // One that accepts says more than one that drops everywhere else.
  return missed.sort((one, other) => Number(one.negated) - Number(other.negated));
}

/**
 * Those of them that keep a connection out, in a ruleset that asks for interfaces and never for one of the host's: its interface is likely to be
 * called otherwise on the server, where nothing of what the lab shows would be true.
 */
export function missedBlocks(
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  written: WrittenRule,
): ForeignInterface[] {
  const met = new Set(reachableRules(listing, connection, written, arriving).map(({ rule }) => rule));
  const asksForOwn = [...met].some((rule) => testsOf(rule, listing).some((named) => named.some(({ name }) => matchesAny(name, has))));
  if (asksForOwn) return [];
  return unlikeAny([...met], listing, has, connection, (rule, negated) => !negated && closesBelow(rule, { listing, met, written }));
}

/**
 * Rules with interfaces that the host lacks, and that the rule treats unlike each of the host's: with those alone.
 * @param counts asked of the rule as it is for packets of such an interface
 */
function unlikeAny(
  rules: readonly ListedRule[],
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  counts: (rule: ListedRule, negated: boolean) => boolean,
): ForeignInterface[] {
  return rules.flatMap((rule) => {
    const tests = testsOf(rule, listing, connection).map((named) => {
      const own = named.filter(({ name }) => matchesAny(name, has));
      return named.filter((each) => !own.some(({ alike }) => alike === each.alike) && counts(each.rule, each.negated));
    });
    return namedBy(rule, tests, ["lo", ...has]);
  });
}

/** A rule about interfaces that the host does not have, in words. */
export interface ForeignRule extends Pick<ForeignInterface, "names" | "negated" | "others"> {
  rule: string;
  file?: string;
  line?: number;
}

/** One for each interface, however many rules are about it. */
export function foreignWarnings(foreign: readonly ForeignRule[]): Warning[] {
  return [...Map.groupBy(foreign, ({ names }) => names.join(", ")).values()].map((rules) => {
    const [{ rule, names, negated, others, ...at }] = rules as [ForeignRule, ...ForeignRule[]];
    if (rules.length === 1) return warning("foreign-interface", { rule, names, matches: matching({ negated, others }) }, at);
    const placesWhere = (how: ReturnType<typeof matching>) => placesOf(rules.filter((each) => matching(each) === how));
    return warning("foreign-interfaces", {
      names,
      rules: rules.length,
      always: placesWhere("always"),
      never: placesWhere("never"),
      others: placesWhere("others"),
    });
  });
}

/** `others`: on the interfaces of the host that it names as well. */
function matching({ negated, others }: Pick<ForeignInterface, "negated" | "others">): "always" | "never" | "others" {
  if (negated) return "always";
  return others ? "others" : "never";
}

/** `rules.v4:12`, `33`, `rules.v6:7`. */
function placesOf(rules: readonly ForeignRule[]): string[] {
  return rules.map(({ rule, file, line }, at) => {
    if (file === undefined) return `\`${rule}\``;
    return rules[at - 1]?.file === file ? String(line) : `${file}:${line}`;
  });
}

function namedBy(rule: ListedRule, tests: readonly Named[][], known: readonly string[]): ForeignInterface[] {
  const isForeign = ({ name }: Named) => !matchesAny(name, known);
  const foreign = tests.flat().filter(isForeign);
  if (foreign.length === 0) return [];
  return [
    {
      rule,
      names: [...new Set(foreign.map(({ name }) => name))],
      negated: foreign.some(({ negated }) => negated),
      others: tests.every((named) => !named.some(isForeign) || !named.every(isForeign)),
    },
  ];
}

const keys = new Set(["iifname", "oifname", "iif", "oif"]);

/** As nft shows `oif 0`: there is no route. */
const noInterface = "0";

export interface Named extends Omit<Case, "value" | "op"> {
  name: string;
  negated: boolean;
}

/** Every interface that a rule names in matches, sets and map keys, and those of its chain, by what is to hold. @param connection left out: any */
export function testsOf(rule: ListedRule, listing: NftListing, connection: Connection = {}): Named[][] {
  const cases = casesOf(rule, isInterface, listing, connection).map((all) =>
    all.flatMap(({ value, op, ...each }): Named[] =>
      typeof value === "string" && value !== noInterface ? [{ ...each, name: value, negated: op === "!=" }] : [],
    ),
  );
  return [...cases, devicesOf(rule, listing).map((name) => ({ name, negated: false, rule, alike: "" }))];
}

/** The one that a packet comes by or leaves by; or that by which a route leads to its source (`fib saddr oifname "wg0"`). */
function isInterface(part: Json): boolean {
  return keys.has(String(field(field(part, "meta"), "key"))) || keys.has(String(field(field(part, "fib"), "result")));
}

/** A chain at an ingress hook sees only packets of these interfaces. */
function devicesOf(rule: ListedRule, { nftables }: NftListing): readonly string[] {
  const devices = devicesByChain.get(nftables) ?? new Map(nftables.flatMap(withDevices));
  devicesByChain.set(nftables, devices);
  return devices.get(chainKey(rule)) ?? [];
}

/** Looked up once for a ruleset: its rules may be many. */
const devicesByChain = new WeakMap<NftListing["nftables"], ReadonlyMap<string, readonly string[]>>();

function withDevices({ chain }: NftListingEntry): [chain: string, devices: readonly string[]][] {
  return chain?.dev === undefined ? [] : [[chainKey({ ...chain, chain: chain.name }), [chain.dev].flat()]];
}

export function matchesAny(name: string, known: readonly string[]): boolean {
  if (name.endsWith("*")) return known.some((each) => each.startsWith(name.slice(0, -1)));
  return known.includes(name);
}

/** A name that a rule's interface stands for: `wg*` is a pattern, which no interface has for a name. */
export function nameThatFits(name: string): string {
  return name.endsWith("*") ? `${name.slice(0, -1)}0` : name;
}
