/** Codes of the judgement -> sentences. One table for each language; a test holds them complete. */
import type { Cause, Params } from "../core/reason.ts";
import type { Sentences, Words } from "./sentence-table.ts";
import { english, ignoredLines as englishIgnored } from "./sentences-en.ts";
import { japanese, ignoredLines as japaneseIgnored } from "./sentences-ja.ts";

export type Language = "en" | "ja";

export const tables: Record<Language, Sentences> = { en: english, ja: japanese };

/** Throws for a code that no table has: a reason without words must not reach a report. */
export function sentenceFor(cause: Cause, language: Language = "en"): string {
  const sentence = tables[language][cause.code];
  if (!Object.hasOwn(tables[language], cause.code) || !sentence) throw new Error(`no ${language} sentence for \`${cause.code}\``);
  const words = wordsOf(cause);
  return [sentence(words).trim(), ...(words.has("ignored") ? [ignoredLines[language](words)] : [])].join(language === "ja" ? "" : " ");
}

const ignoredLines: Record<Language, (words: Words) => string> = { en: englishIgnored, ja: japaneseIgnored };

/** Changes that only together are one. */
export function changesText(changes: readonly string[], language: Language = "en"): string {
  return language === "ja" ? changes.map((each) => each.replace(/。$/, "")).join("。あわせて、") : changes.join("; and ");
}

export function sentencesFor(causes: readonly Cause[], language: Language = "en"): string {
  return changesText(
    causes.map((cause) => sentenceFor(cause, language)),
    language,
  );
}

function wordsOf({ params, rule = "", file, line }: Cause): Words {
  const word = (name: string) => textOf(params, name);
  const list = (name: string): readonly string[] => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    return Array.isArray(value) ? value : [];
  };
  const has = (name: string) => Object.hasOwn(params, name) && params[name] !== false && params[name] !== "";
  return Object.assign(word, { list, has, rule, place: [file, line].filter((part) => part !== undefined).join(":") });
}

function textOf(params: Params, name: string): string {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (value === undefined || typeof value === "boolean") return "";
  return typeof value === "object" ? value.join(", ") : String(value);
}
