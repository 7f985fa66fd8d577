/** Rules about interfaces that a host does not have: in the lab they never match, or always. */
import { type Warning, warning } from "../core/warning.ts";
import { entriesBelow, extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf, reachableRules, targetsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import type { Connection, SetElements } from "./syn-match.ts";

export interface ForeignInterface {
  rule: ListedRule;
  /** The names that the host does not have, as the rule writes them. */
  names: string[];
  /** The rule tells all interfaces but these apart: it always matches here. */
  negated: boolean;
  /** Beside each of them stands an interface of the host: `iifname { eth0, wlan0 }`. */
  others: boolean;
}

/** @param has the host's interfaces; `lo` is always there */
export function foreignInterfaces({ nftables }: NftListing, has: readonly string[]): ForeignInterface[] {
  const known = ["lo", ...has];
  return nftables.flatMap(({ rule }) => (rule ? namedBy(rule, elementsOf(nftables, rule), known) : []));
}

/**
 * Those of them that let a connection in on the server: what they would accept there, the lab does not see. Rules that name an
 * interface of the host as well are not among them: there the lab sees it.
 * @param hooks where the packets may be let in; the first alone where their port is one that a rule moves
 */
export function missedAccepts(
  listing: NftListing,
  has: readonly string[],
  connection: Connection,
  written: (rule: ListedRule) => string | undefined,
  hooks: readonly string[] = ["prerouting", "input", "ingress"],
): ForeignInterface[] {
  const known = ["lo", ...has];
  const met = new Set(reachableRules(listing, connection, written, hooks).map(({ rule }) => rule));
  return foreignInterfaces(listing, has).filter(({ rule, negated }) => {
    if (!met.has(rule)) return false;
    if (negated) return blocks(rule) || targetsOf(rule, listing.nftables).length > 0;
    return (
      opens(rule, { listing, met, written }) &&
      !interfacesOf(rule, elementsOf(listing.nftables, rule)).some(({ name }) => matchesAny(name, known))
    );
  });
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
  const met = new Set(reachableRules(listing, connection, written, ["prerouting", "input", "ingress"]).map(({ rule }) => rule));
  const own = [...met].some((rule) => interfacesOf(rule, elementsOf(listing.nftables, rule)).some(({ name }) => matchesAny(name, has)));
  if (own) return [];
  return foreignInterfaces(listing, has).filter(
    ({ rule, negated }) => !negated && met.has(rule) && closes(rule, { listing, met, written }),
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

function namedBy(rule: ListedRule, sets: SetElements, known: readonly string[]): ForeignInterface[] {
  const tests = statementsOf(rule).map((statement) => interfacesIn(statement, sets));
  const isForeign = ({ name }: { name: string }) => !matchesAny(name, known);
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

/** Every interface that a rule names, in matches, in sets and as keys of maps. */
function interfacesOf(rule: ListedRule, sets: SetElements): { name: string; negated: boolean }[] {
  return statementsOf(rule).flatMap((statement) => interfacesIn(statement, sets));
}

function interfacesIn(statement: Json, sets: SetElements): { name: string; negated: boolean }[] {
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

function matchesAny(name: string, known: readonly string[]): boolean {
  if (name.endsWith("*")) return known.some((each) => each.startsWith(name.slice(0, -1)));
  return known.includes(name);
}

function blocks(rule: ListedRule): boolean {
  return statementsOf(rule).some((statement) => has(statement, "drop") || has(statement, "reject"));
}

/** Verdicts that let a packet pass the rules after them. Where nothing blocks, they let in nobody. */
const passing = ["accept", "return"];
const verdicts = ["dnat", "redirect", "mangle", "queue"];

interface Met {
  listing: NftListing;
  /** What a packet of the connection may meet. */
  met: ReadonlySet<ListedRule>;
  /** The user's own words of a rule. */
  written: (rule: ListedRule) => string | undefined;
}

/** Lets packets through, or leads to a chain with a rule that does. */
function opens(rule: ListedRule, found: Met, visited = new Set<string>()): boolean {
  const { listing, written } = found;
  if (blocks(rule) || onlyForAnswers(rule, written(rule))) return false;
  if (hasTarget(rule)) return true;
  const counting = mayBeBlocked(rule, listing) ? [...passing, ...verdicts] : verdicts;
  if (statementsOf(rule).some((statement) => typeof statement === "string" || counting.some((name) => has(statement, name)))) return true;
  if (statementsOf(rule).some((statement) => entriesBelow(field(statement, "vmap")).some(([key]) => counting.includes(key)))) return true;
  return below(rule, found, visited).some((each) => opens(each, found, visited));
}

/** Does the rule block packets, or jump to a chain with a rule that does? */
function closes(rule: ListedRule, found: Met, visited = new Set<string>()): boolean {
  return blocks(rule) || hasTarget(rule) || below(rule, found, visited).some((each) => closes(each, found, visited));
}

/** It takes packets of connections that other rules have let in, and no new one. */
function onlyForAnswers(rule: ListedRule, written: string | undefined): boolean {
  const answers = (states: readonly unknown[]) =>
    states.length > 0 && states.every((state) => /^(established|related)$/i.test(String(state)));
  const native = statementsOf(rule).some((statement) => {
    const match = field(statement, "match");
    if (field(field(field(match, "left"), "ct"), "key") !== "state" || field(match, "op") === "!=") return false;
    const right = field(match, "right");
    const states = field(right, "set") ?? field(right, "|") ?? right;
    return answers(Array.isArray(states) ? states : [states]);
  });
  const [, before = "", states] = /(\S*)\s+--(?:ct)?state\s+(\S+)/.exec(written ?? "") ?? [];
  return native || (states !== undefined && before !== "!" && answers(states.split(",")));
}

/** The rules of the chains that a rule jumps to, those of each chain once. */
function below(rule: ListedRule, { listing: { nftables }, met }: Met, visited: Set<string>): ListedRule[] {
  const targets = targetsOf(rule, nftables).filter((target) => !visited.has(target));
  for (const target of targets) visited.add(target);
  return nftables.flatMap(({ rule: each }) => (each && met.has(each) && targets.some((target) => isIn(each, rule, target)) ? [each] : []));
}

/** Chains that translate addresses block nothing; those before the input need not. */
function mayBeBlocked({ family, table, chain: name }: ListedRule, { nftables }: NftListing): boolean {
  const rules = nftables.flatMap(({ rule }) => (rule?.family === family && rule.table === table ? [rule] : []));
  const below = (start: string): Set<string> => {
    const chains = new Set([start]);
    for (const each of chains)
      for (const rule of rules) if (rule.chain === each) for (const target of targetsOf(rule, nftables)) chains.add(target);
    return chains;
  };
  const blocking = (chains: ReadonlySet<string>) => rules.some((rule) => chains.has(rule.chain) && (blocks(rule) || hasTarget(rule)));
  return nftables.some(({ chain: base }) => {
    if (!base?.hook || base.family !== family || base.table !== table || base.type === "nat") return false;
    const chains = below(base.name);
    return chains.has(name) && (base.hook === "input" || base.policy === "drop" || blocking(chains));
  });
}

/** One of iptables that nft lists by its name: it may do anything. */
function hasTarget(rule: ListedRule): boolean {
  return extensionsOf(rule).some(
    (extension) => extension.startsWith("target ") && extension !== "target LOG" && extension !== "target NFLOG",
  );
}

function isIn({ family, table, chain }: ListedRule, from: ListedRule, target: string): boolean {
  return family === from.family && table === from.table && chain === target;
}

/** Verdicts are written `{"accept": null}`. */
function has(statement: Json, name: string): boolean {
  return typeof statement === "object" && statement !== null && Object.hasOwn(statement, name);
}
