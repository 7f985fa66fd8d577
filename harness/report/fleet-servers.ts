/** What became of one server of a fleet, in one line, in any language. */
import type { FleetServer } from "../core/fleet.ts";
import { faultLineIn } from "./fleet-errors.ts";
import { serverSentence } from "./fleet-words.ts";
import { inLanguage } from "./in-language.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";

export function serverSentenceIn(server: FleetServer, language: Language): string {
  const { result, error } = server;
  const words = resultWords[language];
  if (result) return words.outcomeSentence(inLanguage(result, language));
  return error ? words.fleet.noResult(faultLineIn(error, language)) : serverSentence(server);
}
