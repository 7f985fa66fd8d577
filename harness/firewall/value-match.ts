/** Can a value be what an nft expression asks for? `unknown` wherever that is not certain. */
import { field, type Json } from "./expressions.ts";

/** Elements of a named set or map; undefined for one whose elements packets change. */
export type SetElements = (name: string) => readonly Json[] | undefined;

export type Answer = "yes" | "no" | "unknown";

export function valueMatches(value: number | string, wanted: Json, sets: SetElements): Answer {
  if (typeof wanted === "string" && wanted.startsWith("@")) {
    const elements = sets(wanted.slice(1));
    return elements ? anyOf(elements.map((element) => valueMatches(value, element, sets))) : "unknown";
  }
  if (typeof wanted === "number" || typeof wanted === "string") return wanted === value ? "yes" : comparable(value, wanted);
  if (Array.isArray(wanted)) return anyOf(wanted.map((each) => valueMatches(value, each, sets)));
  const set = field(wanted, "set");
  if (set !== undefined) return valueMatches(value, Array.isArray(set) ? set : [set], sets);
  const element = field(field(wanted, "elem"), "val");
  if (element !== undefined) return valueMatches(value, element, sets);
  const range = field(wanted, "range");
  if (Array.isArray(range)) {
    const [from, to] = range as Json[];
    return typeof value === "number" && typeof from === "number" && typeof to === "number"
      ? certainly(from <= value && value <= to)
      : "unknown";
  }
  return "unknown";
}

export function certainly(is: boolean): Answer {
  return is ? "yes" : "no";
}

export function not(answer: Answer): Answer {
  if (answer === "unknown") return "unknown";
  return answer === "yes" ? "no" : "yes";
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}

/** A name and a number may mean the same (`http`, 80): only like is known to differ from like. */
function comparable(value: number | string, wanted: number | string): Answer {
  return typeof value === typeof wanted ? "no" : "unknown";
}
