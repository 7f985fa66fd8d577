/** Warnings in words: the place, then the sentence. */
import { formatPlace } from "../core/errors.ts";
import type { Result, ToldWarning, Unworded } from "../core/result.ts";
import type { Warning } from "../core/warning.ts";
import type { Language } from "./sentences.ts";
import { toldIn } from "./told-in.ts";
import type { WarningTable } from "./warning-table.ts";
import { english } from "./warnings-en.ts";
import { japanese } from "./warnings-ja.ts";

export const warningTables: Record<Language, WarningTable> = { en: english, ja: japanese };

/** Throws if the code is unknown. */
export function warningText(warning: Warning, language: Language = "en"): string {
  const { code, params, server, file, line, column } = warning;
  const table = warningTables[language];
  if (!Object.hasOwn(table, code)) throw new Error(`no ${language} words for the warning \`${code}\``);
  const sentence = table[code] as (is: typeof params) => string;
  const place = file === undefined ? [] : [formatPlace({ file, ...(line ? { line } : {}), ...(column ? { column } : {}) })];
  return [...(server === undefined ? [] : [server]), ...place, sentence(params)].join(": ");
}

/** As documents have them: the English text, and the codes. */
export function toldWarnings(warnings: Unworded<Result>["warningDetails"] = []): Pick<Result, "warnings" | "warningDetails"> {
  const warningDetails = warnings.map((each) => ({ ...each, text: warningText(each as Warning) }));
  return { warnings: warningDetails.map(({ text }) => text), warningDetails };
}

/** A document's warnings in a language; those without a code, or with an unknown one, as they were written. */
export function warningsIn(
  { warnings, warningDetails = [] }: { warnings: readonly string[]; warningDetails?: readonly ToldWarning[] | undefined },
  language: Language,
): string[] {
  return toldIn(warnings, warningDetails, language, (detail, to) => warningText(detail as unknown as Warning, to));
}
