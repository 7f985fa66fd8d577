/** What is wrong, in the language of a page. English is the error's own. */
import type { ToldError } from "../core/errors.ts";
import type { Fault } from "../core/fault.ts";
import type { FaultWords } from "./fault-words.ts";
import { japanese } from "./faults-ja.ts";
import type { Language } from "./sentences.ts";

/** `translated` false: it is in English, whatever the language. */
export function errorIn<One extends ToldError>(error: One, language: Language): One & { translated: boolean } {
  const words = language === "en" ? undefined : wordsOf(error.fault);
  if (!words) return { ...error, translated: false };
  const { expected: _, todo: __, ...rest } = error;
  return { ...rest, ...words, translated: true } as One & { translated: boolean };
}

function wordsOf(fault: Fault | undefined): FaultWords | undefined {
  if (!fault || !Object.hasOwn(japanese, fault.code)) return undefined;
  return (japanese[fault.code] as (is: Fault["params"]) => FaultWords)(fault.params);
}
