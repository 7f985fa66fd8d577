/** The page's own words, by language. */
import type { Language } from "../../report/sentences.ts";
import type { PageWords } from "./word-table.ts";
import { english } from "./words-en.ts";
import { japanese } from "./words-ja.ts";

export const pageWords: Record<Language, PageWords> = { en: english, ja: japanese };
