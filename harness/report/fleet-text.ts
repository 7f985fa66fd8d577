/** A fleet on a terminal: one line for each server, then what is wrong with those that are not as they should be. */
import type { Fleet, FleetServer } from "../core/fleet.ts";
import { errorLines } from "./fleet-errors.ts";
import { serverSentenceIn } from "./fleet-servers.ts";
import { outcomeOf, worstFirst } from "./fleet-words.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { outcomeColors, renderText, type TextOptions } from "./text.ts";
import { type Paint, painter, serverHeading } from "./text-style.ts";
import { clean, outcomeSymbols } from "./words.ts";
import { wrap } from "./wrap.ts";

export function renderFleetText(fleet: Fleet, options: TextOptions = {}): string {
  const language = options.language ?? "en";
  const words = resultWords[language];
  const width = Math.max(60, options.width ?? 100);
  const paint = painter(options.color ?? false);
  const sorted = worstFirst(fleet);
  const verdict = paint(outcomeColors[fleet.outcome], `${outcomeSymbols[fleet.outcome]} ${words.outcome[fleet.outcome]}`);
  const blocks = [
    `${verdict}  ${paint("bold", words.fleet.sentence(fleet))}`,
    sorted.flatMap((server) => serverLines(server, sorted, { language, paint, width })).join("\n"),
    ...sorted.filter((server) => outcomeOf(server) !== "pass").map((server) => serverBlock(server, options, paint)),
    [words.counts(fleet.counts), paint("dim", words.fleet.run(fleet))].join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

interface Told {
  language: Language;
  paint: Paint;
  width: number;
}

function serverLines(server: FleetServer, all: readonly FleetServer[], { language, paint, width }: Told): string[] {
  const outcome = outcomeOf(server);
  const names = Math.min(40, Math.max(...all.map(({ name }) => clean(name).length)));
  const start = `  ${paint(outcomeColors[outcome], outcomeSymbols[outcome])} ${clean(server.name).padEnd(names)}  `;
  const indent = " ".repeat(names + 6);
  return wrap(serverSentenceIn(server, language), width - indent.length).map((line, at) => `${at === 0 ? start : indent}${line}`);
}

function serverBlock(server: FleetServer, options: TextOptions, paint: Paint): string {
  const heading = serverHeading(server.name, paint);
  if (server.result) return `${heading}\n${renderText(server.result, options).trimEnd()}`;
  const { error } = server;
  if (!error) return heading;
  const { told, log } = errorLines(error, options.language);
  return [heading, ...told, ...log].join("\n");
}
