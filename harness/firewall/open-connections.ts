/** Rules for packets of established connections. Pure. */
import { field, type Json, statementsOf } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";
import { firstPacket, looksAtFlags, matchesFlags, wordsMatchFlags } from "./syn-flags.ts";

const states = new Set(["--ctstate", "--state"]);

/** Does it match only packets of established connections, and no SYN? */
export function isForOpen(rule: ListedRule, words: readonly string[]): boolean {
  const byWords = words.some((word, at) => {
    const negated = words[at - 1] === "!";
    if (word === "--syn") return negated;
    if (word === "--tcp-flags") return wordsMatchFlags([words[at + 1], words[at + 2]], firstPacket) === (negated ? "always" : "never");
    return states.has(word) && !negated && !/NEW|UNTRACKED/.test(words[at + 1] ?? "");
  });
  return (
    byWords || statementsOf(rule).some((statement) => isForOpenState(field(statement, "match")) || isForNoSyn(field(statement, "match")))
  );
}

function isForOpenState(match: Json): boolean {
  if (field(field(field(match, "left"), "ct"), "key") !== "state" || field(match, "op") === "!=") return false;
  return !/"(new|untracked)"/.test(JSON.stringify(field(match, "right") ?? ""));
}

function isForNoSyn(match: Json): boolean {
  return looksAtFlags(field(match, "left")) && matchesFlags(match, firstPacket) === "never";
}
