/** Rules of iptables that `nft list` could not translate: nft 1.0 and older write an extension behind a `#`, and nft then reads the rest of the rule as a comment. */

export interface HiddenExtension {
  /** 1-based. */
  line: number;
  text: string;
}

const counter = /\bcounter packets \d+ bytes \d+/;
const verdict = /\b(accept|drop|reject|return|jump|goto|continue|queue|dnat|snat|masquerade|redirect)\b/;
/** As iptables' own libraries print matches; and without these libraries, nft. */
const printedMatch = /^!?\s*(xt_\w+|match-set\s|recent:|[A-Z]{3,}\w* match\b|policy match\b|u32\b|bpf\b|statistic\b|condition\b)/;
const printedTarget = /^(xt_\w+|[A-Z]{2,}\b|reject-with\b)/;
/** They note or change something and let the packet go on: without them the rules decide the same. */
const idleTarget = /^(xt_)?(AUDIT|CHECKSUM|LOG|NFLOG|TCPMSS|TRACE|ULOG)\b/;

/** The first of a listing. A rule that a person has commented out is none. */
export function hiddenExtension(text: string): HiddenExtension | undefined {
  for (const [at, line] of text.split("\n").entries()) if (hides(line)) return { line: at + 1, text: line.trim() };
  return undefined;
}

function hides(line: string): boolean {
  const [, before = "", comment = ""] = /^((?:"[^"]*"|[^"#])*)#(.*)$/.exec(line) ?? [];
  const hidden = comment.replace(/#\s*handle \d+\s*$/, "").trim();
  const [match = "", ...rest] = hidden.split(counter);
  if (rest.length === 0 && idleTarget.test(hidden)) return false;
  if (/^!?\s*xt_\w+/.test(hidden)) return true;
  if (rest.length > 0 && before.trim() === "") return printedMatch.test(hidden);
  if (rest.length > 0) return match.trim() !== "" && !verdict.test(before);
  return new RegExp(`${counter.source}\\s*$`).test(before) && printedTarget.test(hidden);
}
