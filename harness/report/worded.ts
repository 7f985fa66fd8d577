/** The one place where a judged result gets its sentences. English: the result is for programs and logs; pages translate by the codes. */
import type { Cause } from "../core/reason.ts";
import type { Remedy, Result, ResultCell, ResultForward, Unworded } from "../core/result.ts";
import { toldAdaptations } from "./adaptations.ts";
import { sentenceFor } from "./sentences.ts";
import { toldWarnings } from "./warnings.ts";

export function worded(result: Unworded<Result>): Result {
  const { warningDetails, ...judged } = result;
  return {
    ...judged,
    provenance: toldAdaptations(result.provenance),
    reasons: result.reasons.map(withText),
    cells: result.cells.map(wordedCell),
    forwards: result.forwards.map(wordedForward),
    ...toldWarnings(warningDetails),
  };
}

export function wordedCell({ decidedBy, unproven, next, remedy, ...cell }: Unworded<ResultCell>): ResultCell {
  return { ...cell, ...texts({ decidedBy, unproven, next, remedy }) };
}

export function wordedForward({ decidedBy, next, remedy, ...forward }: Unworded<ResultForward>): ResultForward {
  return { ...forward, ...texts({ decidedBy, next, remedy }) };
}

type Texts = Pick<ResultCell, "decidedBy" | "unproven" | "next" | "remedy">;

function texts({ decidedBy, unproven, next, remedy }: Unworded<Texts>): Texts {
  return {
    decidedBy: decidedBy && withText(decidedBy),
    ...(unproven ? { unproven: withText(unproven) } : {}),
    ...(next ? { next: withText(next) } : {}),
    ...(remedy ? { remedy: withTexts(remedy) } : {}),
  };
}

function withTexts({ summary, further, nearest, ...remedy }: Unworded<Remedy>): Remedy {
  return {
    summary: withText(summary),
    ...(further ? { further: further.map(withText) } : {}),
    ...remedy,
    ...(nearest ? { nearest: { ...nearest, change: withText(nearest.change) } } : {}),
  };
}

export function withText<One extends Pick<Cause, "code" | "params">>(cause: One): One & { text: string } {
  return { ...cause, text: sentenceFor(cause) };
}
