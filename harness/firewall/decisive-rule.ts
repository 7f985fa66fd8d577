/** A chain that ends alike for every packet, such as one that logs and drops: what counts is the rule that leads there. Pure. */
import { closes, decides, silentChains } from "./effect.ts";
import { extensionsOf, field, statementsOf } from "./expressions.ts";
import { targetsOf } from "./reachable-rules.ts";
import { type ListedRule, type NftListing, ruleAt } from "./rule-lines.ts";

/** A rule by its handle; null: a chain's policy. */
type Evaluated = Pick<ListedRule, "family" | "table" | "chain"> & { handle: number | null };

/**
 * @param rule what accepted, dropped or rejected a packet
 * @param met the rules that the packet had matched before, in their order
 * @returns that rule; or, of such a chain, the rule by which the packet came there
 */
export function decisiveRule<T extends Evaluated>(rule: T, met: readonly T[], listing: NftListing): T {
  if (rule.handle === null || endOfChain(rule, listing) === undefined) return rule;
  const at = met.findLastIndex((each) => each.family === rule.family && each.table === rule.table && leadsTo(each, rule.chain, listing));
  const leading = met[at];
  return leading ? decisiveRule(leading, met.slice(0, at), listing) : rule;
}

type End = "accept" | "close";

const known = new WeakMap<NftListing["nftables"], Map<string, End | undefined>>();

/** Of every packet that comes to the chain; undefined: not of every one, or not the same. */
function endOfChain(at: Omit<Evaluated, "handle">, listing: NftListing): End | undefined {
  const ends = known.get(listing.nftables) ?? new Map<string, End | undefined>();
  known.set(listing.nftables, ends);
  const key = `${at.family} ${at.table} ${at.chain}`;
  const end = ends.has(key) ? ends.get(key) : findEnd(at, listing);
  ends.set(key, end);
  return end;
}

/** nft allows no loops. */
function findEnd({ family, table, chain }: Omit<Evaluated, "handle">, listing: NftListing): End | undefined {
  const silent = silentChains(listing);
  const rules = listing.nftables.flatMap(({ rule }) =>
    rule?.family === family && rule.table === table && rule.chain === chain && decides(rule, silent) ? [rule] : [],
  );
  const ends = new Set(rules.map((rule) => endOf(rule, listing)));
  const [end] = ends;
  const last = rules.at(-1);
  return ends.size === 1 && last && isUnconditional(last) ? end : undefined;
}

function endOf(rule: ListedRule, listing: NftListing): End | undefined {
  if (closes(rule)) return "close";
  if (statementsOf(rule).some((statement) => field(statement, "accept") !== undefined)) return "accept";
  const [target, ...more] = targetsOf(rule, listing.nftables);
  return target !== undefined && more.length === 0 ? endOfChain({ ...rule, chain: target }, listing) : undefined;
}

const always = new Set(["counter", "log", "comment", "accept", "drop", "reject", "jump", "goto"]);

function isUnconditional(rule: ListedRule): boolean {
  const onlyEnds = extensionsOf(rule).every((extension) => extension.startsWith("target ") || extension === "match comment");
  return (
    onlyEnds && statementsOf(rule).every((each) => Object.keys((each ?? {}) as object).every((name) => always.has(name) || name === "xt"))
  );
}

function leadsTo(evaluated: Evaluated, chain: string, listing: NftListing): boolean {
  const found = ruleAt(listing, evaluated);
  return found !== undefined && targetsOf(found, listing.nftables).includes(chain);
}
