/** `--lang`, which every command takes. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Language } from "../report/sentences.ts";

const languages = Object.keys({ en: true, ja: true } satisfies Record<Language, true>) as Language[];

/** @throws UserError `option` for a language without words */
export function languageOf(text: string): Language {
  const found = languages.find((each) => each === text);
  if (found) return found;
  throw new UserError("option", `--lang ${text}: no such language`, {
    fault: faultOf("option-value", { option: `--lang ${text}`, is: "language", known: languages }),
    found: text,
    expected: languages.join(", "),
  });
}

/** Where a command's own words follow the options: `explain -R 1:h:1 --lang ja`. Undefined: it is not among them. */
export function languageIn(words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => /^--lang(=|$)/.test(word));
  const word = words[at];
  return word?.includes("=") ? word.slice("--lang=".length) : words[at + 1 || words.length];
}
