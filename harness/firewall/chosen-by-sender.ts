/**
 * Rules that let a connection in for what whoever connects may put into his packets, and the lab's probes do not: the port that they come from, a TTL,
 * a length. A hardware address, which a neighbour could choose as well, is an identity to the rules, like an address.
 */

import { field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf } from "./named-sets.ts";
import { openingRules } from "./opening-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { isSourcePort, looksAtOtherChoice, looksAtSourcePort, sourcePortOptions, wordsNameOtherChoice } from "./sender-fields.ts";
import { firstPacket } from "./syn-flags.ts";
import type { SetElements } from "./value-match.ts";
import { type Answer, not, valueMatches } from "./value-match.ts";

/** From both ends and the middle of Linux's default net.ipv4.ip_local_port_range: where ordinary clients, and the probes, come from. */
const usualPorts = [32_768, 47_000, 60_999];

/**
 * Those that a new connection to `port` may meet, that do not close it, and that packets of an ordinary client do not match for certain.
 * @param port undefined: any
 */
export function chosenBySender(listing: NftListing, port: number | undefined, written: WrittenRule): ListedRule[] {
  const { rules } = openingRules(listing, port, written);
  return rules.flatMap(({ rule, words }) => (asks(rule, elementsOf(listing.nftables, rule)) || wordsAsk(words) ? [rule] : []));
}

function asks(rule: ListedRule, sets: SetElements): boolean {
  return statementsOf(rule).some((statement) => {
    if (looksAtOtherChoice(statement, rule.family, [firstPacket])) return true;
    if (!looksAtSourcePort(statement)) return false;
    const match = field(statement, "match");
    if (match === undefined) return true;
    return !isSourcePort(field(match, "left")) || !usualPorts.every((port) => answer(match, port, sets) === "yes");
  });
}

function answer(match: Json, port: number, sets: SetElements): Answer {
  const right = field(match, "right");
  switch (field(match, "op")) {
    case "==":
    case "in":
      return valueMatches(port, right, sets);
    case "!=":
      return not(valueMatches(port, right, sets));
    case ">=":
    case ">":
      return typeof right === "number" && right < Math.min(...usualPorts) ? "yes" : "unknown";
    default:
      return "unknown";
  }
}

/** Extensions that nft cannot tell (`multiport`) in iptables's words. */
function wordsAsk(words: readonly string[]): boolean {
  if (wordsNameOtherChoice(words, [firstPacket])) return true;
  return words.some((word, at) => {
    if (!sourcePortOptions.has(word)) return false;
    const negated = words[at - 1] === "!";
    const ranges = (words[at + 1] ?? "").split(",").map((text) => /^(\d*)(:?)(\d*)$/.exec(text));
    if (ranges.some((range) => !range)) return true;
    const holds = (port: number) =>
      ranges.some((range) => {
        const first = Number(range?.[1] || 0);
        return first <= port && port <= (range?.[2] ? Number(range[3] || 65_535) : first);
      });
    return !usualPorts.every((port) => holds(port) !== negated);
  });
}
