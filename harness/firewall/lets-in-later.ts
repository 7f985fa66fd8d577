/** Rules that let a packet pass only after enough others: each try brings whoever goes on trying nearer to it. Pure. */
import type { Connection } from "./connection.ts";
import { leadsAway } from "./effect.ts";
import { entriesBelow, field, type Json, statementsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import { type Met, missesOpening } from "./lets-in.ts";
import { countedByElements, pairsOf } from "./named-sets.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { isStoppedBehind } from "./stopped-otherwise.ts";

/** Which packets a rule matches: those up to an amount, a rate or a number that it counts itself, or those beyond it. */
type Counted = "up-to" | "beyond";

/**
 * Does the rule, or a chain that it leads to, let in what goes beyond such an amount; or does it stop what comes before, or lead it elsewhere, and nothing
 * else stops what comes after?
 */
export function letsInLater(rule: ListedRule, connection: Connection, found: Met): boolean {
  const counted = countedBy(rule, found.listing, found.written(rule));
  if (counted.has("beyond") && missesOpening(rule, false, found)) return true;
  const takesAway = missesOpening(rule, true, found) || leadsAway(rule);
  return counted.has("up-to") && takesAway && !isStoppedBehind(rule, found.listing, connection, found.written);
}

function countedBy(rule: ListedRule, listing: NftListing, written = ""): ReadonlySet<Counted | undefined> {
  return new Set([
    ...statementsOf(rule).flatMap((statement) => [
      ...inText(statement),
      ...entriesBelow(statement).flatMap(([key, content]) => [
        ...meant(key, content, rule, listing).map((each) => inEntry(key, each, statement)),
        ...entriesBelow(countedByElements(content, rule, listing.nftables)).map(([counted, amount]) => inEntry(counted, amount, undefined)),
      ]),
    ]),
    ...inWords(iptablesWords(written)),
  ]);
}

/** Statements that match up to an amount, or beyond it. */
export const amounts: ReadonlySet<string> = new Set(["limit", "quota", "ct count"]);

/** What the packets that a client's kernel sends do not show: it is given as many in the lab, see `probe/retransmission.ts`. */
const mostTried = 6;

/** `limit rate over …`, and each so many-th packet: `numgen inc mod 10 0`. */
function inEntry(key: string, content: Json, statement: Json): Counted | undefined {
  if (amounts.has(key)) return field(content, "inv") === true ? "beyond" : "up-to";
  const counts = key === "numgen" && field(content, "mode") === "inc" && Number(field(content, "mod")) > mostTried;
  if (!counts) return undefined;
  return ["==", undefined].includes(field(field(statement, "match"), "op") as string | undefined) ? "beyond" : "up-to";
}

/** The amount itself; and those that the table has under a name, such as `limit name "ssh"`, or `quota name tcp dport map { 80 : "web" }`. */
function meant(key: string, content: Json, rule: ListedRule, { nftables }: NftListing): Json[] {
  const pairs = amounts.has(key) ? pairsOf(field(field(content, "map"), "data"), rule, nftables) : undefined;
  if (pairs) return pairs.flatMap(([, name]) => named(key, name, rule, nftables) ?? []);
  return [named(key, content, rule, nftables) ?? content];
}

function named(key: string, name: Json, { family, table }: ListedRule, nftables: NftListing["nftables"]): Json {
  if (typeof name !== "string" || !amounts.has(key)) return undefined;
  const objects = nftables.map((entry) => field(entry as unknown as Json, key));
  return objects.find((each) => field(each, "name") === name && field(each, "family") === family && field(each, "table") === table);
}

/** In what nft lists as text because it has no JSON for it. */
function inText(statement: Json): Counted[] {
  if (typeof statement !== "string") return [];
  const found = [...statement.matchAll(/\b(?:limit rate|quota|ct count)( over)?\b/g)].map(
    ([, over]): Counted => (over ? "beyond" : "up-to"),
  );
  return /\bnumgen inc\b/.test(statement) ? [...found, "beyond", "up-to"] : found;
}

const optionsOverAmount = new Set(["--hashlimit-above", "--connlimit-above", "--rateest-gt"]);
const optionsUpTo = new Set(["--quota", "--connlimit-upto", "--hashlimit-upto", "--hashlimit", "--limit", "--rateest-lt"]);
const optionsFromNumber = new Set(["--hitcount", "--every"]);

/** A `!` before an option means the other packets; `recent` has it before what it does, not before the number. */
function inWords(words: readonly string[]): (Counted | undefined)[] {
  const isNegated = (at: number) => words[at - 1] === "!";
  return words.map((word, at) => {
    if (optionsOverAmount.has(word)) return isNegated(at) ? "up-to" : "beyond";
    if (optionsUpTo.has(word)) return isNegated(at) ? "beyond" : "up-to";
    if (!optionsFromNumber.has(word) || Number(words[at + 1]) <= mostTried) return undefined;
    const negated = isNegated(at) || (word === "--hitcount" && words.some((each, other) => recentActions.has(each) && isNegated(other)));
    return negated ? "up-to" : "beyond";
  });
}

const recentActions = new Set(["--rcheck", "--update"]);
