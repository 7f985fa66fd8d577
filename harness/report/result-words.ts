/** What the reports of a result say, in each language. The compiler holds the tables complete. */
import type { ResultWords } from "./result-word-table.ts";
import { english } from "./result-words-en.ts";
import { japanese } from "./result-words-ja.ts";
import type { Language } from "./sentences.ts";

export const resultWords: Record<Language, ResultWords> = { en: english, ja: japanese };
