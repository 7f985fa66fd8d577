/** A fleet in Markdown, as GitHub and GitLab show it: a table of its servers, then each that is not as it should be. */
import type { Fleet, FleetServer } from "../core/fleet.ts";
import { faultText, logText } from "./fleet-errors.ts";
import { serverSentenceIn } from "./fleet-servers.ts";
import { outcomeOf } from "./fleet-words.ts";
import { codeText, details, escapeMarkdown, fence, renderMarkdown, table } from "./markdown.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { outcomeSymbols } from "./words.ts";

export function renderFleetMarkdown(fleet: Fleet, { language = "en" }: { language?: Language } = {}): string {
  const words = resultWords[language];
  const rows = fleet.servers.map((server) => [
    `${outcomeSymbols[outcomeOf(server)]} ${words.outcome[outcomeOf(server)]}`,
    `\`${codeText(server.name)}\``,
    escapeMarkdown(serverSentenceIn(server, language)),
  ]);
  const blocks = [
    `## ${outcomeSymbols[fleet.outcome]} ${words.markdown.head(words.outcome[fleet.outcome], escapeMarkdown(words.fleet.sentence(fleet)))}`,
    `${words.counts(fleet.counts)}${language === "en" ? "." : "。"}`,
    table(["", words.markdown.server, ""], rows),
    ...fleet.servers.filter((server) => outcomeOf(server) !== "pass").map((server) => serverBlock(server, language)),
    escapeMarkdown(words.fleet.run(fleet)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function serverBlock(server: FleetServer, language: Language): string {
  if (server.result) return details(server.name, renderMarkdown(server.result, { language }).trimEnd());
  const text = server.error
    ? [faultText(server.error, language), logText(server.error, language)].filter((part) => part !== "").join("\n")
    : "";
  return [`### ? ${escapeMarkdown(`${server.name}: ${serverSentenceIn(server, language)}`)}`, ...(text === "" ? [] : [fence(text)])].join(
    "\n\n",
  );
}
