import type { Language } from "../../report/sentences.ts";
import { usePage } from "../parts/page.tsx";
import type { LearnWords } from "./word-table.ts";
import { english } from "./words-en.ts";
import { japanese } from "./words-ja.ts";

const tables: Record<Language, LearnWords> = { en: english, ja: japanese };

export function useLearnWords(): LearnWords {
  return tables[usePage().language];
}
