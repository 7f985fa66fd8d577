/** A document's sentences in another language. They are made from codes; where a code is not known, the sentence stays as it was written. */
import type { Cause } from "../core/reason.ts";
import type { Result, ResultCell } from "../core/result.ts";
import { withChecksIn } from "./lab-facts.ts";
import { type Language, sentenceFor } from "./sentences.ts";

export function inLanguage(result: Result, language: Language): Result {
  if (language === "en") return result;
  // Causes are shared between cells.
  const known = new Map<object, object>();
  const told = <One extends Told>(cause: One): One => {
    const before = known.get(cause);
    if (before) return before as One;
    const text = { ...cause, text: sentenceIn(withChecksIn(cause, result.provenance, language), language) };
    known.set(cause, text);
    return text;
  };
  const withTexts = <One extends Advised>(one: One): One => ({
    ...one,
    decidedBy: one.decidedBy && told(one.decidedBy),
    ...(one.unproven ? { unproven: told(one.unproven) } : {}),
    ...(one.next ? { next: told(one.next) } : {}),
    ...(one.remedy
      ? {
          remedy: {
            ...one.remedy,
            summary: told(one.remedy.summary),
            ...(one.remedy.further ? { further: one.remedy.further.map(told) } : {}),
            ...(one.remedy.nearest ? { nearest: { ...one.remedy.nearest, change: told(one.remedy.nearest.change) } } : {}),
          },
        }
      : {}),
  });
  return {
    ...result,
    reasons: result.reasons.map(told),
    cells: result.cells.map(withTexts),
    forwards: result.forwards.map(withTexts),
  };
}

type Told = Pick<Cause, "code" | "params"> & { text: string };
type Advised = Pick<Result["cells"][number], "decidedBy" | "unproven" | "next" | "remedy">;

export function sentenceIn(cause: Told, language: Language): string {
  if (language === "en") return cause.text;
  try {
    return sentenceFor(cause, language);
  } catch {
    return cause.text;
  }
}

/** What a cell or a forward says of itself, told in another language. */
export function toldIn<One extends Pick<ResultCell, "decidedBy"> & { unproven?: ResultCell["unproven"] }>(
  one: One,
  language: Language,
): One {
  if (language === "en") return one;
  const told = <Each extends Told>(cause: Each): Each => ({ ...cause, text: sentenceIn(cause, language) });
  return { ...one, decidedBy: one.decidedBy && told(one.decidedBy), ...(one.unproven ? { unproven: told(one.unproven) } : {}) };
}
