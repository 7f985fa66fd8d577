/** Texts as somebody writes them who wants a reader to fail: what is right, and then changed in a few places. */
import fc from "fast-check";

/** The same inputs in every run; another seed is another set. */
export const seed = Number(process.env.FORWARDLAB_SEED ?? 20_261_128);

const esc = String.fromCharCode(27);
/** What means something to a reader, or to what shows a report. */
export const morsels = [
  "\0",
  "\r",
  "\n",
  "\t",
  `${esc}[2J${esc}]0;owned\x07`,
  "\u009b31m",
  "\u202e",
  "\ufeff",
  "\ud800",
  "::error::owned",
  "\n::error file=x::owned",
  "\n##[error]owned",
  "\n##vso[task.complete result=Succeeded]",
  `\n${esc}[0Ksection_start:1:owned\r${esc}[0Kowned`,
  "\nnot ok 1 - owned",
  "\nok 999 # SKIP",
  "\n1..0 # SKIP owned",
  "\nBail out! owned",
  "]]>",
  "<!--",
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "&amp;&#0;&lt;",
  "![x](https://example.com/x.png)",
  "[x](javascript:alert(1))",
  "```\n# owned\n",
  "| a | b |\n|---|---|",
  "@everyone",
  "__proto__",
  "constructor",
  "toString",
  "../../../../etc/passwd",
  "/dev/zero",
  "%n%s%h",
  "$(touch /tmp/owned)",
  "`id`",
  "'; id; '",
  "-1",
  "99999999999999999999",
  "1e309",
  "NaN",
  "::",
  "0.0.0.0/0",
  "[::ffff:1.2.3.4%eth0]:0",
  "*",
  "*".repeat(60),
  "a*".repeat(60),
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "\\",
  "#",
  "!",
  "&a",
  "*a",
  "<<: *a",
  "!!js/function x",
  "a".repeat(100_000),
  "(".repeat(5_000),
  "[".repeat(5_000),
  "{".repeat(5_000),
  "? ".repeat(3_000),
  "- ".repeat(3_000),
];

type Change = (text: string) => string;

const at = (text: string, part: number) => Math.floor(part * (text.length + 1));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constantFrom(...morsels), fc.double({ min: 0, max: 1, noNaN: true })).map(
    ([morsel, where]): Change =>
      (text) =>
        text.slice(0, at(text, where)) + morsel + text.slice(at(text, where)),
  ),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40)).map(
    ([where, length]): Change =>
      (text) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where) + length),
  ),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60), fc.constantFrom(2, 30, 300)).map(
    ([where, length, times]): Change =>
      (text) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where), at(text, where) + length).repeat(times) + text.slice(at(text, where)),
  ),
  fc.tuple(fc.nat(400), fc.constantFrom(...morsels)).map(
    ([word, morsel]): Change =>
      (text) => {
        const words = text.split(/(\s+)/);
        words[(word * 2) % Math.max(1, words.length)] = morsel;
        return words.join("");
      },
  ),
);

/** One of the texts, changed in one to four places. */
export function hostile(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => changes.reduce((changed, one) => one(changed), text));
}
