/** Rules about interfaces that a host does not have: in the lab they never match, or always. */
import type { AddressRange } from "../core/address-range.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { Connection } from "./connection.ts";
import { entriesBelow, field, type Json, statementsOf } from "./expressions.ts";
import { isForOthers } from "./foreign-destinations.ts";
import { closesBelow, missesOpening } from "./lets-in.ts";
import { arriving, elementsOf, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import type { SetElements } from "./value-match.ts";

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
export function foreignInterfaces({ nftables }: NftListing, has: readonly string[]): ForeignInterface[] {
  const known = ["lo", ...has];
  return nftables.flatMap(({ rule }) => (rule ? namedBy(rule, testsOf(rule, nftables), known) : []));
}

export interface Missing {
  /** Where the packets may be let in; the first alone where their port is one that a rule moves. Default: all. */
  hooks?: readonly string[];
  /** The host's addresses, where they are known: a rule that drops what others send to a container behind it lets in nobody to the host. */
  own?: readonly AddressRange[] | undefined;
}

/**
 * Those of them that let a connection in on the server: what they would accept there, the lab does not see. Rules that name an
 * interface of the host as well are not among them: there the lab sees it.
 */
export function missedAccepts(
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  written: (rule: ListedRule) => string | undefined,
  { hooks = arriving, own }: Missing = {},
): ForeignInterface[] {
  const known = ["lo", ...has];
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  const missed = foreignInterfaces(listing, has).filter(({ rule, negated }) => {
    if (!met.has(rule) || !missesOpening(rule, negated, { listing, met, written })) return false;
    if (negated && own && isForOthers(rule, own, listing, connection)) return false;
    return negated || !interfacesOf(rule, listing.nftables).some(({ name }) => matchesAny(name, known));
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
  written: (rule: ListedRule) => string | undefined,
): ForeignInterface[] {
  const met = new Set(reachableRules(listing, connection, written, arriving).map(({ rule }) => rule));
  const own = [...met].some((rule) => interfacesOf(rule, listing.nftables).some(({ name }) => matchesAny(name, has)));
  if (own) return [];
  return foreignInterfaces(listing, has).filter(
    ({ rule, negated }) => !negated && met.has(rule) && closesBelow(rule, { listing, met, written }),
  );
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

/** A chain at an ingress hook sees only packets of these interfaces. */
function devicesOf({ family, table, chain: name }: ListedRule, nftables: NftListing["nftables"]): string[] {
  return nftables.flatMap(({ chain }) =>
    chain?.family === family && chain.table === table && chain.name === name ? [chain.dev ?? []].flat() : [],
  );
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

interface Named {
  name: string;
  negated: boolean;
}

/** Every interface that a rule names in matches, sets and map keys, and those of its chain. */
function interfacesOf(rule: ListedRule, nftables: NftListing["nftables"]): Named[] {
  return testsOf(rule, nftables).flat();
}

function testsOf(rule: ListedRule, nftables: NftListing["nftables"]): Named[][] {
  const sets = elementsOf(nftables, rule);
  const ofChain = devicesOf(rule, nftables).map((name) => ({ name, negated: false }));
  return [...statementsOf(rule).map((statement) => interfacesIn(statement, sets)), ofChain];
}

function interfacesIn(statement: Json, sets: SetElements): Named[] {
  return entriesBelow(statement).flatMap(([key, content]) => {
    if (key === "match")
      return names(field(content, "left"), field(content, "right"), sets).map((name) => ({
        name,
        negated: field(content, "op") === "!=",
      }));
    if (key === "vmap" || key === "map")
      return names(field(content, "key"), field(content, "data"), sets).map((name) => ({ name, negated: false }));
    return [];
  });
}

/** The parts of `values` that stand where `left` asks for an interface. */
function names(left: Json, values: Json, sets: SetElements): string[] {
  const parts = field(left, "concat");
  const at = (Array.isArray(parts) ? (parts as Json[]) : [left]).flatMap((part, index) =>
    keys.has(String(field(field(part, "meta"), "key"))) ? [index] : [],
  );
  return at.flatMap((index) => elements(values, sets).flatMap((element) => part(element, index)));
}

function elements(values: Json, sets: SetElements): readonly Json[] {
  if (typeof values === "string" && values.startsWith("@")) return sets(values.slice(1)) ?? [];
  const set = field(values, "set");
  if (!Array.isArray(set)) return [values];
  // Of a map: pairs of key and value.
  return (set as Json[]).map((element) => (Array.isArray(element) ? (element[0] as Json) : element));
}

function part(element: Json, index: number): string[] {
  const value = field(field(element, "elem"), "val") ?? element;
  const parts = field(value, "concat");
  const found = Array.isArray(parts) ? (parts as Json[])[index] : value;
  return typeof found === "string" ? [found] : [];
}

export function matchesAny(name: string, known: readonly string[]): boolean {
  if (name.endsWith("*")) return known.some((each) => each.startsWith(name.slice(0, -1)));
  return known.includes(name);
}

/** A name that a rule's interface stands for: `wg*` is a pattern, which no interface has for a name. */
export function nameThatFits(name: string): string {
  return name.endsWith("*") ? `${name.slice(0, -1)}0` : name;
}
