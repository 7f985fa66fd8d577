/** What the reports of a comparison say, in each language. The compiler holds the tables complete. */
import type { DiffWords } from "./diff-word-table.ts";
import { english } from "./diff-words-en.ts";
import { japanese } from "./diff-words-ja.ts";
import type { Language } from "./sentences.ts";

export const diffWords: Record<Language, DiffWords> = { en: english, ja: japanese };
