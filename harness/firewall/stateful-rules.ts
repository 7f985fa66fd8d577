/** Rules whose answer differs from one packet to the next: what a probe saw of them holds for the moment of that probe. */
import type { ListedRule, NftListing } from "./rule-lines.ts";

/** What makes a rule momentary, in nft's words, and in those of iptables's extensions. */
const kinds: readonly { why: string; pattern: RegExp }[] = [
  { why: "a rate limit", pattern: /\blimit (rate|name)\b|-m (limit|hashlimit|rateest)\b/ },
  { why: "a quota", pattern: /\bquota\b/ },
  { why: "chance or turns", pattern: /\b(numgen|jhash|symhash)\b|-m statistic\b|-j NFQUEUE\b/ },
  { why: "the clock", pattern: /\bmeta (hour|day|time)\b|-m time\b/ },
  { why: "a count of connections", pattern: /\bct count\b|-m connlimit\b/ },
  { why: "the bytes or packets so far", pattern: /\bct (original |reply )?(bytes|packets|avgpkt)\b|-m conn?bytes\b/ },
  { why: "addresses seen lately", pattern: /\b(add|update) @|\bmeter\b|-m recent\b/ },
];

/** A rule that only logs, counts or remembers decides nothing; one about ICMP decides nothing about a TCP connection. */
const decides = /\b(accept|drop|reject|jump|goto|return|queue|vmap|dnat|redirect)\b|-[jg] (?!LOG\b|NFLOG\b|SET\b|MARK\b)/;
const icmp = /\b(icmp|icmpv6|ipv6-icmp)\b/;

/** Comments and log prefixes may say anything. */
const quoted = /\b(comment|prefix)\s+"(\\.|[^"])*"|--(comment|\w+-prefix)\s+("(\\.|[^"])*"|\S+)/g;

/**
 * @param textOf the rule as the user wrote it, as nft lists it, or both
 * @returns the rules of a listing whose answer depends on more than the packet, each with what it depends on
 */
export function statefulRules(listing: NftListing, textOf: (rule: ListedRule) => string): { rule: ListedRule; why: string }[] {
  const lasting = setsThatChange(listing);
  return listing.nftables.flatMap(({ rule }) => {
    if (!rule) return [];
    const text = textOf(rule).replace(quoted, "");
    if (!decides.test(text) || icmp.test(text.replace(/\breject with .*|--reject-with \S+/, ""))) return [];
    const found = kinds.find(({ pattern }) => pattern.test(text))?.why;
    if (found) return [{ rule, why: found }];
    const set = [...text.matchAll(/@(\w[\w/\\.-]*)/g)].find(([, name]) => lasting.has(`${rule.family} ${rule.table} ${name}`));
    return set ? [{ rule, why: "a set whose elements come and go" }] : [];
  });
}

/** `family table name` of the sets and maps that packets add to, or whose elements time out. */
function setsThatChange({ nftables }: NftListing): Set<string> {
  const sets = nftables.flatMap(({ set, map }) => set ?? map ?? []);
  const changing = sets.filter(
    ({ flags = [], timeout }) => timeout !== undefined || flags.includes("timeout") || flags.includes("dynamic"),
  );
  return new Set(changing.map(({ family, table, name }) => `${family} ${table} ${name}`));
}
