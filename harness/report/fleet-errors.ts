/** Errors of a fleet's servers, as its reports show them. */
import type { ToldError } from "../core/errors.ts";
import type { ServerError } from "../core/fleet.ts";
import { errorIn } from "./faults.ts";
import { everyFault } from "./faults-ja-all.ts";
import type { Language } from "./sentences.ts";
import { clean } from "./words.ts";

/** Where the fault is, from the same place as the policy is named from. */
export function faultText({ place, found, expected, todo }: ServerError): string {
  return detailLines({ place, found, expected, todo }, labels.en).join("\n");
}

const labels = {
  en: { at: "at ", found: "found: ", expected: "expected: ", todo: "to do: " },
  ja: { at: "場所: ", found: "実際: ", expected: "期待されるもの: ", todo: "対処: " },
};

/** All of it, as a terminal shows it. */
export function errorText(error: ServerError, language: Language): string {
  const { translated, ...told } = errorIn(error as ToldError, language, everyFault);
  const details = detailLines(told, labels[translated ? language : "en"]);
  return [`error[${error.code}]: ${told.message}`, ...details, error.log ?? ""].filter((part) => part !== "").join("\n");
}

/** The same for a text report, line by line; what a program said stands apart, as it is not to be wrapped. */
export function errorLines(error: ServerError): { told: string[]; log: string[] } {
  const details = clean(faultText(error)).split("\n");
  const log = error.log === undefined ? [] : clean(error.log).trimEnd().split("\n");
  return {
    told: [`error[${error.code}]: ${clean(error.message)}`, ...details.map((line) => `  ${line}`)],
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
