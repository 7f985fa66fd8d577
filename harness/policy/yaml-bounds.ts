/**
 * What a policy's YAML may not have: the parser goes a call deeper with each level, and looks at all anchors for each alias.
 * Counted as if there were no quotes, so a text within the bounds is within them however it is read.
 */

import { type Fault, type FaultParams, faultOf } from "../core/fault.ts";

/** Far more than a policy for hundreds of accounts and forwards. */
const mostCharacters = 512 * 1024;
/** Plans and listings of a cloud are long, and JSON has no aliases. */
const mostCharactersOfJson = 16 * 1024 * 1024;
const mostLevels = 50;
const mostIndentation = 200;
const mostAliases = 500;

export interface Excess {
  message: string;
  fault: Fault;
  /** 1-based. */
  line: number;
  found: string;
  expected: string;
  todo: string;
}

const alias = /(?:^|[\s[,{:-])[*&][\w-]+(?=[\s,\]}]|$)/g;

/** Undefined for a text that the parser can take. */
export function excessOf(text: string, isJson = false): Excess | undefined {
  const most = isJson ? mostCharactersOfJson : mostCharacters;
  if (text.length > most) return excess("long", 1, text.length, most, "characters");
  let brackets = 0;
  let aliases = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [lead = ""] = /^[\s?-]*/.exec(line) ?? [];
    if (lead.length > mostIndentation) return excess("deep", index + 1, lead.length, mostIndentation, "blanks");
    const runs = [...line.matchAll(/(?:[?-]\s+)+/g)].map(([run]) => (run.match(/[?-]/g) ?? []).length);
    let deepest = Math.max(0, ...runs) + brackets;
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      brackets = bracket === "[" || bracket === "{" ? brackets + 1 : Math.max(0, brackets - 1);
      deepest = Math.max(deepest, brackets);
    }
    if (deepest > mostLevels) return excess("deep", index + 1, deepest, mostLevels, "levels");
    aliases += isJson ? 0 : (line.match(alias) ?? []).length;
    if (aliases > mostAliases) return excess("aliases", index + 1, aliases, mostAliases, "aliases");
  }
  return undefined;
}

type TooLarge = FaultParams<"policy-too-large">;

const words = { long: "too long", deep: "nested too deeply", aliases: "too full of aliases" };
const units = { characters: "characters", blanks: "blanks before a line", levels: "levels", aliases: "anchors and aliases" };

function excess(is: TooLarge["is"], line: number, found: number, most: number, unit: TooLarge["unit"]): Excess {
  return {
    message: `the policy is ${words[is]}`,
    line,
    fault: faultOf("policy-too-large", { is, found, most, unit }),
    found: `${found} ${units[unit]}`,
    expected: `at most ${most} ${units[unit]}`,
    todo: "split it into several policies: `verify` takes more than one",
  };
}
