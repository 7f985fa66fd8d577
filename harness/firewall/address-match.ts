/** Whether an expression in nft's JSON matches a range of addresses. Pure. */
import { type AddressRange, parseRange } from "../core/address-range.ts";
import { field, type Json } from "./expressions.ts";
import type { Answer, SetElements } from "./value-match.ts";

/** `unknown`: it matches only part of the range, or cannot be evaluated. */
export function holdsRange(asked: AddressRange, wanted: Json, sets: SetElements): Answer {
  if (typeof wanted === "string" && wanted.startsWith("@")) {
    const elements = sets(wanted.slice(1));
    return elements ? holdsRange(asked, elements, sets) : "unknown";
  }
  if (Array.isArray(wanted)) {
    const answers = (wanted as Json[]).map((each) => holdsRange(asked, each, sets));
    if (answers.includes("yes")) return "yes";
    return answers.includes("unknown") ? "unknown" : "no";
  }
  const inner = field(wanted, "set") ?? field(field(wanted, "elem"), "val");
  if (inner !== undefined) return holdsRange(asked, inner, sets);
  const range = rangeOf(wanted);
  if (!range) return "unknown";
  if (range.family !== asked.family || range.last < asked.first || asked.last < range.first) return "no";
  return range.first <= asked.first && asked.last <= range.last ? "yes" : "unknown";
}

/** All ranges that it matches; undefined if one of them is not known. */
export function rangesOf(wanted: Json, sets: SetElements): AddressRange[] | undefined {
  if (typeof wanted === "string" && wanted.startsWith("@")) {
    const elements = sets(wanted.slice(1));
    return elements && rangesOf(elements, sets);
  }
  const inner = field(wanted, "set") ?? field(field(wanted, "elem"), "val");
  if (inner !== undefined) return rangesOf(inner, sets);
  const found = Array.isArray(wanted) ? (wanted as Json[]).map((each) => rangesOf(each, sets)) : [rangeOf(wanted)];
  return found.includes(undefined) ? undefined : found.flatMap((each) => each ?? []);
}

/** An address, a prefix or a range. */
export function rangeOf(value: Json): AddressRange | undefined {
  const prefix = field(value, "prefix");
  const ends = field(value, "range");
  if (prefix !== undefined) return parseRange(`${field(prefix, "addr")}/${field(prefix, "len")}`);
  if (Array.isArray(ends)) return parseRange(ends.join("-"));
  return typeof value === "string" ? parseRange(value) : undefined;
}
