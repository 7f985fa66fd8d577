/** Whether packets are stopped: those that match a rule by it, and those that do not by what follows in its base chain. Pure. */
import type { Connection } from "./connection.ts";
import { closes, steering } from "./effect.ts";
import { extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf, pairsOf } from "./named-sets.ts";
import { notesIn } from "./notes.ts";
import { isForOpen, isOfOther } from "./open-connections.ts";
import { arriving, targetsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing, NftListingEntry, WrittenRule } from "./rule-lines.ts";
import { wordsOf } from "./sender-fields.ts";
import { certainlyMatches, couldBe, couldMatch } from "./syn-match.ts";

type Chain = NonNullable<NftListingEntry["chain"]>;

/** What rules may do to a packet of the connection, whatever its sender chooses. */
interface Fate {
  /** One may let it through, or do something unknown. */
  open: boolean;
  /** One stops every packet. */
  stopped: boolean;
  /** One may make it skip those that follow in its chain. */
  leaves: boolean;
}

const unknown: Fate = { open: true, stopped: false, leaves: false };
const nothing: Fate = { open: false, stopped: false, leaves: false };

/**
 * True only where it is certain: nothing that follows, in its chain and in those that lead there, can let through a packet that opens the connection, and the end is a
 * drop. It also holds for what else the rule itself may do with one (another verdict of its map).
 */
export function isStoppedOtherwise(rule: ListedRule, listing: NftListing, connection: Connection, written: WrittenRule): boolean {
  return rulesetAround(rule, listing, connection, written).stopsOtherwise(rule);
}

/** The same, but for what the rule itself does with packets that match it. */
export function isStoppedBehind(rule: ListedRule, listing: NftListing, connection: Connection, written: WrittenRule): boolean {
  return rulesetAround(rule, listing, connection, written).stopsBehind(rule);
}

/** Whether a rule leads each packet of the connection that matches it to a drop or a reject: true only where it is certain. */
export function stoppingRules(listing: NftListing, connection: Connection, written: WrittenRule): (rule: ListedRule) => boolean {
  const tables = new Map<string, Ruleset>();
  return (rule) => {
    if (closes(rule)) return true;
    const table = `${rule.family} ${rule.table}`;
    const ruleset = tables.get(table) ?? rulesetAround(rule, listing, connection, written);
    tables.set(table, ruleset);
    return ruleset.stops(rule);
  };
}

/** That of its table: packets go from one chain to another only there. */
function rulesetAround(rule: ListedRule, { nftables }: NftListing, connection: Connection, written: WrittenRule): Ruleset {
  const inTable = nftables.filter(({ rule: each, chain }) => {
    const found = each ?? chain;
    return found?.family === rule.family && found.table === rule.table;
  });
  const rules = inTable.flatMap((entry) => entry.rule ?? []);
  const chains = new Map(inTable.flatMap(({ chain }): [string, Chain][] => (chain ? [[chain.name, chain]] : [])));
  return new Ruleset(nftables, rules, chains, connection, written);
}

class Ruleset {
  readonly #nftables: NftListing["nftables"];
  readonly #rules: readonly ListedRule[];
  readonly #byChain: ReadonlyMap<string, readonly ListedRule[]>;
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #connection: Connection;
  readonly #written: WrittenRule;
  readonly #stops = new Map<string, boolean>();
  readonly #fates = new Map<string, Fate>();

  constructor(
    nftables: NftListing["nftables"],
    rules: readonly ListedRule[],
    chains: ReadonlyMap<string, Chain>,
    connection: Connection,
    written: WrittenRule,
  ) {
    this.#nftables = nftables;
    this.#rules = rules;
    this.#byChain = Map.groupBy(rules, ({ chain }) => chain);
    this.#chains = chains;
    this.#connection = connection;
    this.#written = written;
  }

  stops(rule: ListedRule): boolean {
    const { open, stopped } = this.#fateAt(rule);
    return stopped && !open;
  }

  stopsOtherwise(rule: ListedRule): boolean {
    const key = `${rule.chain} ${rule.handle}`;
    const stops = this.#stops.get(key) ?? (!this.#fateAt(rule).open && this.stopsBehind(rule));
    this.#stops.set(key, stops);
    return stops;
  }

  stopsBehind(rule: ListedRule): boolean {
    const own = this.#rulesOf(rule.chain);
    const { open, stopped, leaves } = this.#fateOf(own.slice(own.findIndex(({ handle }) => handle === rule.handle) + 1));
    if (open) return false;
    if (stopped && !leaves) return this.#isForArriving(rule.chain);
    const chain = this.#chains.get(rule.chain);
    if (chain?.hook) return isForArriving(chain) && chain.policy === "drop";
    const callers = this.#callersOf(rule.chain);
    return callers.length > 0 && callers.every((each) => this.stopsOtherwise(each));
  }

  /** Do only packets that come in get to the chain? nft allows no loops. */
  #isForArriving(name: string): boolean {
    const chain = this.#chains.get(name);
    if (chain?.hook) return isForArriving(chain);
    const callers = this.#callersOf(name);
    return callers.length > 0 && callers.every((each) => this.#isForArriving(each.chain));
  }

  #callersOf(name: string): ListedRule[] {
    return this.#rules.filter((each) => targetsOf(each, this.#nftables).includes(name) && this.#couldMatch(each));
  }

  #rulesOf(name: string): readonly ListedRule[] {
    return this.#byChain.get(name) ?? [];
  }

  #fateIn(chain: string): Fate {
    const fate = this.#fates.get(chain) ?? this.#fateOf(this.#rulesOf(chain));
    this.#fates.set(chain, fate);
    return fate;
  }

  #fateOf(rules: readonly ListedRule[]): Fate {
    let leaves = false;
    for (const rule of rules) {
      if (!this.#couldMatch(rule)) continue;
      const fate = this.#fateAt(rule);
      if (fate.open) return unknown;
      if (fate.stopped && certainlyMatches(rule, this.#connection, elementsOf(this.#nftables, rule)))
        return { open: false, stopped: true, leaves };
      leaves ||= fate.leaves;
    }
    return { open: false, stopped: false, leaves };
  }

  /** Of a packet that matches. */
  #fateAt(rule: ListedRule): Fate {
    if (isForOpen(rule, wordsOf(rule, this.#written(rule)))) return nothing;
    if (closes(rule)) return { ...nothing, stopped: this.#rejectsIts(rule) };
    const ways = steering(rule);
    if (notesIn(ways)) return nothing;
    const fates = ways.map((statement) => this.#fateOfStatement(statement, rule));
    const open = fates.some((each) => each.open) || extensionsOf(rule).some((extension) => extension.startsWith("target "));
    return open
      ? unknown
      : { open, stopped: fates.some((each) => each.stopped && !each.leaves), leaves: fates.some((each) => each.leaves) };
  }

  #fateOfStatement(statement: Json, rule: ListedRule): Fate {
    const vmap = field(statement, "vmap");
    return vmap === undefined ? this.#fateOfVerdict(statement) : this.#fateOfMap(vmap, rule);
  }

  #fateOfVerdict(verdict: Json): Fate {
    if (field(verdict, "drop") !== undefined) return { ...nothing, stopped: true };
    if (field(verdict, "continue") !== undefined) return nothing;
    if (field(verdict, "return") !== undefined) return { ...nothing, leaves: true };
    const [jump, goto] = [field(field(verdict, "jump"), "target"), field(field(verdict, "goto"), "target")];
    const target = jump ?? goto;
    if (typeof target !== "string") return unknown;
    const { open, stopped, leaves } = this.#fateIn(target);
    const all = stopped && !leaves;
    return { open, stopped: all, leaves: goto !== undefined && !all };
  }

  /** Whatever its keys: a packet may have any of them, or none. */
  #fateOfMap(vmap: Json, rule: ListedRule): Fate {
    const key = field(vmap, "key");
    const pairs = pairsOf(field(vmap, "data"), rule, this.#nftables);
    if (!pairs) return unknown;
    const isState = field(field(key, "ct"), "key") === "state";
    const possible = pairs.filter(([value]) => couldBe(key, value, this.#connection) && !(isState && isOfOther(value)));
    const fates = possible.map(([, verdict]) => this.#fateOfVerdict(verdict));
    return { open: fates.some(({ open }) => open), stopped: false, leaves: fates.some(({ leaves }) => leaves) };
  }

  /** A reject by ICMP in a table for both families is for one of them, without saying so. */
  #rejectsIts(rule: ListedRule): boolean {
    const types = statementsOf(rule).map((statement) => field(field(statement, "reject"), "type"));
    const { family } = this.#connection;
    return !types.some((type) => (type === "icmp" && family !== 4) || (type === "icmpv6" && family !== 6));
  }

  #couldMatch(rule: ListedRule): boolean {
    return couldMatch(rule, this.#written(rule), this.#connection, "in", elementsOf(this.#nftables, rule));
  }
}

function isForArriving({ type, hook }: Chain): boolean {
  return type === "filter" && hook !== undefined && arriving.includes(hook);
}
