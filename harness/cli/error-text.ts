/** An error on the terminal, in the language of `--lang`. */
import { type ErrorLabels, formatToldError, toldError, type UserError } from "../core/errors.ts";
import { formatErrors, PolicyErrors } from "../policy/policy-errors.ts";
import { errorIn } from "../report/faults.ts";
import { everyFault } from "../report/faults-ja-all.ts";
import type { Language } from "../report/sentences.ts";
import { columnsOf, wrap } from "../report/wrap.ts";

const japanese: ErrorLabels = { at: "場所", found: "実際", expected: "期待", todo: "対処" };

/** Columns: less room beside the label, and the text is not wrapped. */
const narrowest = 20;

/** The output of tools is not wrapped. @param width columns of the terminal */
export function wrappedError(text: string, width: number): string {
  const lines = text.split("\n").flatMap((line) => {
    const label = /^ {2}(?!\| )\S.*? {2,}/.exec(line)?.[0] ?? "";
    const indent = label === "" ? 2 : columnsOf(label);
    if (columnsOf(line) <= width || line.startsWith("  | ") || width - indent < narrowest) return [line];
    // The message has no label: its further lines are indented all the same.
    const [first = "", ...rest] = wrap(line.slice(label.length), width - indent);
    return [label + first, ...rest.map((each) => " ".repeat(indent) + each)];
  });
  return lines.join("\n");
}

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
