/** What commands say, in each language. The compiler holds the tables complete. */
import type { Language } from "../report/sentences.ts";
import type { CommandWords } from "./word-table.ts";
import { english } from "./words-en.ts";
import { japanese } from "./words-ja.ts";

export const commandWords: Record<Language, CommandWords> = { en: english, ja: japanese };
