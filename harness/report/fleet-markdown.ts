/** A fleet in Markdown, as GitHub and GitLab show it: a table of its servers, then each that is not as it should be. */
import type { Fleet, FleetServer } from "../core/fleet.ts";
import { faultText } from "./fleet-errors.ts";
import { fleetProvenance, fleetSentence, outcomeOf, serverSentence } from "./fleet-words.ts";
import { codeText, details, escapeMarkdown, fence, renderMarkdown, table } from "./markdown.ts";
import { countsLine, outcomeSymbols, outcomeWords } from "./words.ts";

export function renderFleetMarkdown(fleet: Fleet): string {
  const rows = fleet.servers.map((server) => [
    `${outcomeSymbols[outcomeOf(server)]} ${outcomeWords[outcomeOf(server)]}`,
    `\`${codeText(server.name)}\``,
    escapeMarkdown(serverSentence(server)),
  ]);
  const blocks = [
    `## ${outcomeSymbols[fleet.outcome]} ${outcomeWords[fleet.outcome]}: ${escapeMarkdown(fleetSentence(fleet))}`,
    `${countsLine(fleet)}.`,
    table(["", "server", ""], rows),
    ...fleet.servers.filter((server) => outcomeOf(server) !== "pass").map(serverBlock),
    escapeMarkdown(fleetProvenance(fleet)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function serverBlock(server: FleetServer): string {
  if (server.result) return details(server.name, renderMarkdown(server.result).trimEnd());
  const text = server.error ? [faultText(server.error), server.error.log ?? ""].filter((part) => part !== "").join("\n") : "";
  return [`### ? ${escapeMarkdown(`${server.name}: ${serverSentence(server)}`)}`, ...(text === "" ? [] : [fence(text)])].join("\n\n");
}
