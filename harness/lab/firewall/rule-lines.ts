/** From a rule as nft's trace names it to the line that the user wrote. */
import type { ChainName, RulePosition } from "./firewall-files.ts";

/** What `nft -j -a list ruleset` prints, parsed. */
export interface NftListing {
  nftables: readonly NftListingEntry[];
}

export interface NftListingEntry {
  rule?: ChainName & { handle: number; comment?: string; expr?: readonly object[] };
  chain?: { family: string; table: string; name: string; hook?: string; policy?: string };
}

export interface RuleLines {
  /** The user's statement behind a handle; undefined when that is not certain. */
  rule(where: ChainName & { handle: number }): RulePosition | undefined;
  /** The line that sets the chain's policy, or, when it is nft's default, the one that makes it a base chain. */
  policy(where: ChainName): RulePosition | undefined;
}

/** Pairs handles and statements by their order in each chain. A chain of which they differ has no lines at all: never a wrong one. */
export function ruleLines(_rules: readonly RulePosition[], _listing: NftListing): RuleLines {
  throw new Error("not yet written");
}

/**
 * One line for a person, e.g. `inet filter input tcp dport 43234 drop`.
 * @param statement the source statement's text, or nft's own listing of the rule when the source is not known
 */
export function describeRule(where: ChainName, statement: string): string {
  return `${where.family} ${where.table} ${where.chain} ${statement}`;
}

/** One line for a person, e.g. `inet filter input policy drop`. */
export function describePolicy(where: ChainName, policy: string): string {
  return `${where.family} ${where.table} ${where.chain} policy ${policy}`;
}
