/** Sentences about a fleet, which its reports share. */
import type { ToldError } from "../core/errors.ts";
import type { Fleet, FleetServer, ServerError } from "../core/fleet.ts";
import type { Outcome } from "../core/result.ts";
import { errorIn } from "./faults.ts";
import type { Language } from "./sentences.ts";
import { clean, count, outcomeSentence } from "./words.ts";

export function outcomeOf({ result }: FleetServer): Outcome {
  return result?.outcome ?? "inconclusive";
}

/** What must be looked at comes first. */
const order: readonly Outcome[] = ["fail", "inconclusive", "pass"];

export function worstFirst({ servers }: Fleet): FleetServer[] {
  return order.flatMap((outcome) => servers.filter((server) => outcomeOf(server) === outcome));
}

/** The outcome of the whole in one sentence, without symbol. */
export function fleetSentence({ servers }: Fleet): string {
  const of = (outcome: Outcome) => servers.filter((server) => outcomeOf(server) === outcome).length;
  const all = count(servers.length, "server");
  const [failed, unknown] = [of("fail"), of("inconclusive")];
  if (failed + unknown === 0)
    return servers.length === 1 ? "the only server is as its policy says" : `all ${all} are as their policies say`;
  const have = (number: number) => (number === 1 ? "has" : "have");
  const wrong = failed === 0 ? [] : [`${failed} of ${all} ${failed === 1 ? "violates its policy" : "violate their policies"}`];
  const notKnown = unknown === 0 ? [] : [`${failed === 0 ? `${unknown} of ${all}` : unknown} ${have(unknown)} no trustworthy verdict`];
  return [...wrong, ...notKnown].join("; ");
}

/** What became of one server, in one line. */
export function serverSentence({ result, error }: FleetServer): string {
  return result ? outcomeSentence(result) : `no result: ${error ? faultLine(error) : "unknown"}`;
}

export function faultLine({ code, message }: ServerError): string {
  return clean(`${message.split("\n")[0]} (${code})`);
}

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
  const { translated, ...told } = errorIn(error as ToldError, language);
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

export function fleetProvenance({ servers, labs, durationMs }: Fleet): string {
  return `${count(servers.length, "server")} in ${count(labs, "lab")}, ${(durationMs / 1000).toFixed(1)} s`;
}
