/** What is wrong, in the language of a page. English is the error's own. */
import type { ToldError } from "../core/errors.ts";
import type { Fault } from "../core/fault.ts";
import type { FaultTable, FaultWords } from "./fault-words.ts";
import type { Language } from "./sentences.ts";

/**
 * `translated` false: it is in English, whatever the language.
 * @param japanese the words of the faults that there may be
 */
export function errorIn<One extends ToldError>(
  error: One,
  language: Language,
  japanese: Partial<FaultTable>,
): One & { translated: boolean } {
  const words = language === "en" ? undefined : wordsOf(error.fault, japanese);
  if (!words) return { ...error, translated: false };
  const { expected: _, todo: __, ...rest } = error;
  return { ...rest, ...words, translated: true } as One & { translated: boolean };
}

function wordsOf(fault: Fault | undefined, japanese: Partial<FaultTable>): FaultWords | undefined {
  if (!fault || !Object.hasOwn(japanese, fault.code)) return undefined;
  const words = (japanese[fault.code] as (is: Fault["params"]) => FaultWords)(fault.params);
  return fault.side === undefined ? words : { ...words, message: `${fault.side}: ${words.message}` };
}
