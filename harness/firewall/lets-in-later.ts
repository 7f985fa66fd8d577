/** Rules that let a packet pass only after enough others: each try brings whoever goes on trying nearer to it. Pure. */
import { entriesBelow, field, type Json, statementsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import { targetsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";

/** Does the rule, or a chain that it leads to, accept what goes beyond an amount, a rate or a number that it counts itself? */
export function letsInLater(rule: ListedRule, listing: NftListing, written: string | undefined): boolean {
  return countsUp(rule, listing, written) && accepts(rule, listing);
}

function countsUp(rule: ListedRule, listing: NftListing, written: string | undefined): boolean {
  const ofEntry = ([key, content]: readonly [string, Json]) => entryCountsUp(key, named(key, content, rule, listing) ?? content);
  return (
    statementsOf(rule).some((statement) => textCountsUp(statement) || entriesBelow(statement).some(ofEntry)) ||
    (written !== undefined && wordsCountUp(iptablesWords(written)))
  );
}

const amounts = new Set(["limit", "quota", "ct count"]);

/** What the packets that a client's kernel sends do not show: it is given as many in the lab, see `probe/retransmission.ts`. */
const mostTried = 6;

/** `limit rate over …`, and each so many-th packet: `numgen inc mod 10 0`. */
function entryCountsUp(key: string, content: Json): boolean {
  if (amounts.has(key)) return field(content, "inv") === true;
  return key === "numgen" && field(content, "mode") === "inc" && Number(field(content, "mod")) > mostTried;
}

/** An amount that the table has under a name, such as `limit name "ssh"`. */
function named(key: string, name: Json, { family, table }: ListedRule, { nftables }: NftListing): Json {
  if (typeof name !== "string" || !amounts.has(key)) return undefined;
  const objects = nftables.map((entry) => field(entry as unknown as Json, key));
  return objects.find((each) => field(each, "name") === name && field(each, "family") === family && field(each, "table") === table);
}

/** In what nft lists as text because it has no JSON for it. */
function textCountsUp(statement: Json): boolean {
  return typeof statement === "string" && /\b(?:limit rate|quota|ct count) over\b|\bnumgen inc\b/.test(statement);
}

const optionsOverAmount = new Set(["--hashlimit-above", "--connlimit-above"]);
const optionsFromNumber = new Set(["--hitcount", "--every"]);
/** They match up to an amount, and what is negated beyond it. */
const optionsUpTo = new Set(["--quota", "--connlimit-upto", "--hashlimit-upto"]);

function wordsCountUp(words: readonly string[]): boolean {
  return words.some((word, at) => {
    if (optionsFromNumber.has(word)) return Number(words[at + 1]) > mostTried;
    return optionsOverAmount.has(word) || (words[at - 1] === "!" && optionsUpTo.has(word));
  });
}

function accepts(rule: ListedRule, listing: NftListing, visited = new Set<string>()): boolean {
  if (statementsOf(rule).some((statement) => verdicts.some((verdict) => field(statement, verdict) !== undefined))) return true;
  const targets = targetsOf(rule, listing.nftables).filter((target) => !visited.has(target));
  for (const target of targets) visited.add(target);
  return listing.nftables.some(
    ({ rule: each }) =>
      each?.family === rule.family && each.table === rule.table && targets.includes(each.chain) && accepts(each, listing, visited),
  );
}

const verdicts = ["accept", "dnat", "redirect"];
