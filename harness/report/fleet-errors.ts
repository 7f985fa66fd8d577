/** Errors of a fleet's servers, as its reports show them. */
import type { ToldError } from "../core/errors.ts";
import type { ServerError } from "../core/fleet.ts";
import { errorIn } from "./faults.ts";
import { serverFaults } from "./faults-ja-server.ts";
import { faultLine } from "./fleet-words.ts";
import type { Language } from "./sentences.ts";
import { clean } from "./words.ts";

/** The error in a language; English, where it has no words in it. */
function told(error: ServerError, language: Language): { told: ToldError; label: (typeof labels)[Language] } {
  const { translated, ...words } = errorIn(error as ToldError, language, serverFaults);
  return { told: words, label: labels[translated ? language : "en"] };
}

/** Where the fault is, from the same place as the policy is named from. */
export function faultText(error: ServerError, language: Language = "en"): string {
  const { told: words, label } = told(error, language);
  return detailLines(words, label).join("\n");
}

/** Its first line, with its code. */
export function faultLineIn(error: ServerError, language: Language): string {
  return faultLine({ code: error.code, message: told(error, language).told.message });
}

const labels = {
  en: { at: "at ", found: "found: ", expected: "expected: ", todo: "to do: " },
  ja: { at: "場所: ", found: "実際: ", expected: "期待されるもの: ", todo: "対処: " },
};

/** All of it, as a terminal shows it. */
export function errorText(error: ServerError, language: Language): string {
  const { told: words, label } = told(error, language);
  return [`error[${error.code}]: ${words.message}`, ...detailLines(words, label), logText(error, language)]
    .filter((part) => part !== "")
    .join("\n");
}

/** What a program said; of several errors, each. */
export function logText({ log = "", errors }: ServerError, language: Language = "en"): string {
  return errors && language !== "en" ? errors.map((each) => errorText(each, language)).join("\n\n") : log;
}

/** The same for a text report, line by line; what a program said stands apart, as it is not to be wrapped. */
export function errorLines(error: ServerError, language: Language = "en"): { told: string[]; log: string[] } {
  const details = clean(faultText(error, language)).split("\n");
  const log = error.log === undefined ? [] : clean(logText(error, language)).trimEnd().split("\n");
  return {
    told: [`error[${error.code}]: ${clean(told(error, language).told.message)}`, ...details.map((line) => `  ${line}`)],
    log: log.map((line) => `  | ${line}`),
  };
}

function detailLines({ place, found, expected, todo }: Partial<ToldError>, label: (typeof labels)[Language]): string[] {
  return [
    ...(place ? [`${label.at}${[place.file, place.line, place.column].filter((part) => part !== undefined).join(":")}`] : []),
    ...(found ? [`${label.found}${found}`] : []),
    ...(expected === undefined ? [] : [`${label.expected}${expected}`]),
    ...(todo === undefined ? [] : [`${label.todo}${todo}`]),
  ];
}
