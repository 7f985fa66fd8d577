/** From a rule as nft's trace names it to the line that the user wrote. */
import { type ChainName, chainKey, type RulePosition } from "./firewall-files.ts";

/** What `nft -j -a list ruleset` prints, parsed. */
export interface NftListing {
  nftables: readonly NftListingEntry[];
}

export interface NftListingEntry {
  table?: { family: string; name: string; flags?: string | readonly string[] };
  rule?: ListedRule;
  /** `dev`: the interfaces of a chain at an ingress or egress hook. */
  chain?: {
    family: string;
    table: string;
    name: string;
    type?: string;
    hook?: string;
    prio?: number;
    policy?: string;
    dev?: string | readonly string[];
  };
  set?: ListedSet;
  map?: ListedSet;
}

export interface ListedSet {
  family: string;
  table: string;
  name: string;
  flags?: readonly string[];
  /** Seconds. */
  timeout?: number;
  /** Of a map: pairs of key and value. */
  elem?: readonly unknown[];
  /** What each element counts for itself: a quota, a limit. */
  stmt?: readonly unknown[];
}

export interface ListedRule extends ChainName {
  handle: number;
  comment?: string;
  /** A string where nft has no JSON for it. */
  expr?: readonly (object | string)[];
}

/** The user's own words of a rule; undefined where they are not known. Of one listing they are the same whenever they are asked for. */
export type WrittenRule = (rule: ListedRule) => string | undefined;

export interface RuleLines {
  /** The user's statement behind a handle; undefined when that is not certain. */
  rule(where: ChainName & { handle: number }): RulePosition | undefined;
  /** The line that sets the chain's policy, or, when it is nft's default, the one that makes it a base chain. */
  policy(where: ChainName): RulePosition | undefined;
}

/**
 * Pairs handles and statements by their order in each chain. A chain in which their number differs, or in which a statement
 * cannot be the listed rule, has no lines at all: never a wrong one.
 */
export function ruleLines(rules: readonly RulePosition[], listing: NftListing): RuleLines {
  const byHandle = new Map<string, RulePosition>();
  const listed = Map.groupBy(
    listing.nftables.flatMap(({ rule }) => (rule ? [rule] : [])),
    chainKey,
  );
  const written = Map.groupBy(
    rules.filter(({ kind }) => kind === "rule"),
    chainKey,
  );
  for (const [chain, entries] of listed) {
    const statements = written.get(chain) ?? [];
    const pairs = entries.flatMap((entry, index) => {
      const statement = statements[index];
      return statement && mayBe(entry, statement) ? [{ entry, statement }] : [];
    });
    if (statements.length !== entries.length || pairs.length !== entries.length) continue;
    for (const { entry, statement } of pairs) byHandle.set(`${chain} ${entry.handle}`, statement);
  }
  const policies = new Map<string, RulePosition>();
  for (const statement of rules) if (statement.kind === "policy") policies.set(chainKey(statement), statement);
  for (const { chain } of listing.nftables) {
    if (!chain?.policy) continue;
    const name = chainKey({ ...chain, chain: chain.name });
    const text = policies.get(name)?.text;
    const word = text === undefined ? undefined : (/^policy (\S+)/.exec(text)?.[1] ?? "accept");
    if (word !== chain.policy && !word?.startsWith("$")) policies.delete(name);
  }
  return {
    rule: (where) => byHandle.get(`${chainKey(where)} ${where.handle}`) ?? inNamelessChain(where, listed, byHandle),
    policy: (where) => policies.get(chainKey(where)),
  };
}

/** The kernel's names for chains that a rule holds in braces; they are not listed. */
const nameless = /^__chain\d+$/;

/**
 * nft makes such a chain, then its rules, then the rule that holds it: their handles precede that rule's. Where they cannot be told
 * apart (chains within chains) it is the holder's own line.
 */
function inNamelessChain(
  { family, table, chain, handle }: ChainName & { handle: number },
  listed: ReadonlyMap<string, readonly ListedRule[]>,
  byHandle: ReadonlyMap<string, RulePosition>,
): RulePosition | undefined {
  if (!nameless.test(chain)) return undefined;
  const holders = [...listed.values()].flat().filter((rule) => rule.family === family && rule.table === table && rule.handle > handle);
  const [holder] = holders
    .filter(({ expr }) => expr?.some((part) => typeof part === "string" && /^(jump|goto) \{/.test(part)))
    .sort((a, b) => a.handle - b.handle);
  const written = holder && byHandle.get(`${chainKey(holder)} ${holder.handle}`);
  const inner = written?.inner;
  if (!holder || !inner || inner.some((rule) => rule.inner)) return written;
  return inner[handle - (holder.handle - inner.length)] ?? written;
}

/** A guard, not a proof: what the listed rule ends with and its comment must stand in the statement. */
function mayBe(rule: ListedRule, { text }: RulePosition): boolean {
  if (text.includes("$")) return true;
  if (rule.comment !== undefined && !text.replaceAll("\\", "").includes(rule.comment.replaceAll(/\s+/g, " "))) return false;
  const words = text.toLowerCase();
  return (rule.expr ?? []).every((part) => {
    if (typeof part === "string") return true;
    for (const verdict of ["accept", "drop", "return", "continue"]) if (verdict in part && !words.includes(verdict)) return false;
    const { jump, goto } = part as { jump?: { target?: string }; goto?: { target?: string } };
    const target = (jump ?? goto)?.target;
    return target === undefined || text.includes(target);
  });
}

const byHandle = new WeakMap<NftListing["nftables"], Map<string, ListedRule>>();

/** The rule that the kernel has evaluated; undefined for a chain's policy. Every probe asks, so a listing is indexed once. */
export function ruleAt({ nftables }: NftListing, at: ChainName & { handle: number | null }): ListedRule | undefined {
  const known =
    byHandle.get(nftables) ?? new Map(nftables.flatMap(({ rule }): [string, ListedRule][] => (rule ? [[handleKey(rule), rule]] : [])));
  byHandle.set(nftables, known);
  return known.get(handleKey(at));
}

function handleKey({ family, table, chain, handle }: ChainName & { handle: number | null }): string {
  return `${family} ${table} ${chain} ${handle}`;
}

/** Longer statements (sets written in place) are cut. */
const maxStatement = 160;

/**
 * One line for a person, e.g. `inet filter input tcp dport 43234 drop`.
 * @param statement the source statement's text, or nft's own listing of the rule when the source is not known
 */
export function describeRule({ family, table, chain }: ChainName, statement: string): string {
  const text = statement.replaceAll(/\s+/g, " ").trim();
  return `${family} ${table} ${chain} ${text.length > maxStatement ? `${text.slice(0, maxStatement - 1)}…` : text}`;
}

/** One line for a person, e.g. `inet filter input policy drop`. */
export function describePolicy({ family, table, chain }: ChainName, policy: string): string {
  return `${family} ${table} ${chain} policy ${policy.toLowerCase()}`;
}
