/** Rules for packets of established connections. Pure. */
import { field, type Json, statementsOf, valuesIn } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";
import { firstPacket, looksAtFlags, matchesFlags, wordsMatchFlags } from "./syn-flags.ts";

const stateOptions = new Set(["--ctstate", "--state"]);

/** States that a packet that opens a connection cannot have. */
const otherStates = new Set(["established", "related", "invalid"]);

/** Of connection tracking, in the words of either tool. */
export function isOfOther(state: Json): boolean {
  return typeof state === "string" && otherStates.has(state.toLowerCase());
}

/** Does it match only packets of established connections, and no SYN? */
export function isForOpen(rule: ListedRule, words: readonly string[]): boolean {
  const byWords = words.some((word, at) => {
    const negated = words[at - 1] === "!";
    if (word === "--syn") return negated;
    if (word === "--tcp-flags") return wordsMatchFlags([words[at + 1], words[at + 2]], firstPacket) === (negated ? "always" : "never");
    return stateOptions.has(word) && !negated && (words[at + 1] ?? "").split(",").every(isOfOther);
  });
  return (
    byWords || statementsOf(rule).some((statement) => isForOpenState(field(statement, "match")) || isForNoSyn(field(statement, "match")))
  );
}

function isForOpenState(match: Json): boolean {
  if (field(field(field(match, "left"), "ct"), "key") !== "state" || field(match, "op") === "!=") return false;
  return valuesIn(field(match, "right")).every(isOfOther);
}

function isForNoSyn(match: Json): boolean {
  return looksAtFlags(field(match, "left")) && matchesFlags(match, firstPacket) === "never";
}
