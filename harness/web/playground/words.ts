import type { Language } from "../../report/sentences.ts";
import { usePage } from "../parts/page.tsx";
import type { PlaygroundWords } from "./word-table.ts";
import { english } from "./words-en.ts";
import { japanese } from "./words-ja.ts";

const tables: Record<Language, PlaygroundWords> = { en: english, ja: japanese };

export function usePlaygroundWords(): PlaygroundWords {
  return tables[usePage().language];
}
