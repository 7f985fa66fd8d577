/** Listings as nft prints them, for rules that a test states in JSON or in iptables's words. */
import type { ListedRule, NftListing, NftListingEntry } from "../../../harness/firewall/rule-lines.ts";

export const where = { family: "inet", table: "f", chain: "in" };

/** One base chain at `hook` with these rules, handles from 1, and what else the table holds. */
export function listing(
  rules: readonly object[][],
  { hook = "input", type = "filter", more = [] }: { hook?: string; type?: string; more?: NftListingEntry[] } = {},
): NftListing {
  return {
    nftables: [
      { chain: { family: "inet", table: "f", name: "in", type, hook, policy: "accept" } },
      ...more,
      ...rules.map((expr, index) => ({ rule: { ...where, handle: index + 1, expr } as ListedRule })),
    ],
  };
}

export const dport = (right: unknown, op = "==", protocol = "tcp") => ({
  match: { op, left: { payload: { protocol, field: "dport" } }, right },
});
export const meta = (key: string, right: unknown, op = "==") => ({ match: { op, left: { meta: { key } }, right } });
export const xt = (type: "match" | "target", name: string) => ({ xt: { type, name } });
export const accept = { accept: null };
export const drop = { drop: null };
export const limit = { limit: { rate: 3, burst: 5, per: "minute" } };
