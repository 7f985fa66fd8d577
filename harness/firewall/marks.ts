/** Marks of packets and of connections: the bits that rules may set, and what asks for others. Pure. */
import { extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import type { Answer } from "./value-match.ts";

export function isMark(expression: Json): boolean {
  return ["meta", "ct"].some((kind) => field(field(expression, kind), "key") === "mark");
}

const everyBit = -1;

const known = new WeakMap<NftListing["nftables"], number>();

/**
 * The bits that some rule may set, of either kind of mark, as one may be copied to the other. A packet arrives without any.
 */
export function settableBits({ nftables }: NftListing, written: WrittenRule): number {
  const bits = known.get(nftables) ?? nftables.reduce((sum, { rule }) => sum | (rule ? bitsSetBy(rule, written(rule)) : 0), 0);
  known.set(nftables, bits);
  return bits;
}

function bitsSetBy(rule: ListedRule, written: string | undefined): number {
  const ofStatements = statementsOf(rule).map((statement) => {
    if (typeof statement === "string") return /\b(mark set|queue)\b/.test(statement) ? everyBit : 0;
    // A program may give the packet a mark.
    if (field(statement, "queue") !== undefined) return everyBit;
    const mangle = field(statement, "mangle");
    return isMark(field(mangle, "key")) ? bitsIn(field(mangle, "value")) : 0;
  });
  const ofTargets = extensionsOf(rule).map((extension) => bitsOfTarget(extension, written));
  return [...ofStatements, ...ofTargets].reduce((sum, bits) => sum | bits, 0);
}

/** Those that a value may have and no mark had before. */
function bitsIn(value: Json): number {
  if (typeof value === "number") return value;
  if (isMark(value)) return 0;
  const [either, both] = [field(value, "|") ?? field(value, "^"), field(value, "&")];
  if (Array.isArray(either)) return (either as Json[]).reduce((sum: number, each) => sum | bitsIn(each), 0);
  if (Array.isArray(both)) return (both as Json[]).reduce((common: number, each) => common & bitsIn(each), everyBit);
  return everyBit;
}

function bitsOfTarget(extension: string, written: string | undefined): number {
  switch (extension) {
    case "target MARK":
    case "target CONNMARK":
    case "target TPROXY":
      return written === undefined ? everyBit : bitsInWords(iptablesWords(written));
    case "target SET":
      return written === undefined || written.includes("--map-mark") ? everyBit : 0;
    case "target HMARK":
    case "target NFQUEUE":
    case "target QUEUE":
      return everyBit;
    default:
      return 0;
  }
}

const settingOptions = new Set(["--set-mark", "--set-xmark", "--or-mark", "--xor-mark", "--tproxy-mark"]);

function bitsInWords(words: readonly string[]): number {
  return words.reduce((sum, word, at) => {
    if (/^--(left|right)-shift-mark$/.test(word)) return everyBit;
    return settingOptions.has(word) ? sum | bitsOfNumber(words[at + 1]) : sum;
  }, 0);
}

/** Of `0x200/0xf00`, the value's. */
function bitsOfNumber(text = ""): number {
  const value = Number(text.split("/", 1)[0]);
  return text === "" || Number.isNaN(value) ? everyBit : value;
}

/** Does the comparison need a bit that no mark has? */
export function needsOtherBits(match: Json, bits: number): Answer {
  const left = field(match, "left");
  const masked = field(left, "&");
  const mark = Array.isArray(masked) ? (masked[0] as Json) : left;
  const op = field(match, "op");
  if (!isMark(mark) || !(op === "==" || op === "in")) return "unknown";
  const right = field(match, "right");
  const values = field(right, "set") ?? right;
  const all = Array.isArray(values) ? (values as Json[]) : [values];
  return all.every((value) => typeof value === "number" && (value & ~bits) !== 0) ? "no" : "unknown";
}

/** The same for iptables's `--mark`. */
export function wordsNeedOtherBits(value: string, bits: number): boolean {
  return (bitsOfNumber(value) & ~bits) !== 0 && bitsOfNumber(value) !== everyBit;
}
