/**
 * What a policy's YAML may not have: the parser goes a call deeper with each level, and looks at all anchors for each alias.
 * Counted as if there were no quotes, so a text within the bounds is within them however it is read.
 */

/** Far more than a policy for hundreds of accounts and forwards. */
const mostCharacters = 512 * 1024;
/** Plans and listings of a cloud are long, and JSON has no aliases. */
const mostCharactersOfJson = 16 * 1024 * 1024;
const mostLevels = 50;
const mostIndentation = 200;
const mostAliases = 500;

export interface Excess {
  message: string;
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
  if (text.length > most) return excess("too long", 1, text.length, most, "characters");
  let brackets = 0;
  let aliases = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [lead = ""] = /^[\s?-]*/.exec(line) ?? [];
    if (lead.length > mostIndentation) return excess("nested too deeply", index + 1, lead.length, mostIndentation, "blanks before a line");
    const runs = [...line.matchAll(/(?:[?-]\s+)+/g)].map(([run]) => (run.match(/[?-]/g) ?? []).length);
    let deepest = Math.max(0, ...runs) + brackets;
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      brackets = bracket === "[" || bracket === "{" ? brackets + 1 : Math.max(0, brackets - 1);
      deepest = Math.max(deepest, brackets);
    }
    if (deepest > mostLevels) return excess("nested too deeply", index + 1, deepest, mostLevels, "levels");
    aliases += isJson ? 0 : (line.match(alias) ?? []).length;
    if (aliases > mostAliases) return excess("too full of aliases", index + 1, aliases, mostAliases, "anchors and aliases");
  }
  return undefined;
}

function excess(what: string, line: number, found: number, most: number, unit: string): Excess {
  return {
    message: `the policy is ${what}`,
    line,
    found: `${found} ${unit}`,
    expected: `at most ${most} ${unit}`,
    todo: "split it into several policies: `verify` takes more than one",
  };
}
