/** An error on the terminal, in the language of `--lang`. */
import { type ErrorLabels, formatToldError, toldError, type UserError } from "../core/errors.ts";
import { formatErrors, PolicyErrors } from "../policy/policy-errors.ts";
import { errorIn } from "../report/faults.ts";
import { everyFault } from "../report/faults-ja-all.ts";
import type { Language } from "../report/sentences.ts";

const japanese: ErrorLabels = { at: "場所", found: "実際", expected: "期待", todo: "対処" };

/** English for an error that has no words in the language. */
export function errorText(error: UserError, language: Language): string {
  if (language === "en") return formatErrors(error);
  const all = error instanceof PolicyErrors ? error.errors : [error];
  const told = all.map((each) => {
    const { translated, ...words } = errorIn(toldError(each), "ja", everyFault);
    return translated ? formatToldError(each.code, words, japanese) : formatErrors(each);
  });
  return [...told, ...(all.length > 1 ? [`エラーは ${all.length} 件です。`] : [])].join("\n\n");
}
