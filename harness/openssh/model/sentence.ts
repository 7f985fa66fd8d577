/** A sentence in the languages that the tool speaks. */
import { enumerated, enumeratedJa } from "../../core/enumerated.ts";

export const languages = ["en", "ja"] as const;
export type Language = (typeof languages)[number];

/** The same sentence in each language. */
export type Sentence = Readonly<Record<Language, string>>;

export interface Hint {
  /** Stable, for whoever reads the JSON. */
  id: string;
  text: Sentence;
}

/** Words of a list: `a and b`, `a、b、c`. */
export function listed(items: readonly string[]): Sentence {
  return { en: enumerated(items), ja: enumeratedJa(items) };
}
