/** Sentences about a fleet, which its reports share. */
import type { Fleet, FleetServer, ServerError } from "../core/fleet.ts";
import type { Outcome } from "../core/result.ts";
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

export function faultLine({ code, message }: Pick<ServerError, "code" | "message">): string {
  return clean(`${message.split("\n")[0]} (${code})`);
}

export function fleetProvenance({ servers, labs, durationMs }: Pick<Fleet, "servers" | "labs" | "durationMs">): string {
  return `${count(servers.length, "server")} in ${count(labs, "lab")}, ${(durationMs / 1000).toFixed(1)} s`;
}
