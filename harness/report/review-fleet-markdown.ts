/** The reviews of several servers in Markdown: a table of them, then each one's own report to unfold. */
import type { ReviewedServerResult, ReviewFleet } from "../core/review-fleet.ts";
import { errorText } from "./fleet-errors.ts";
import { codeText, details, escapeMarkdown, fence, table } from "./markdown.ts";
import { fleetHead, fleetMark, serverLine, serverMark } from "./review-fleet-lines.ts";
import { headLine } from "./review-lines.ts";
import { renderReviewMarkdown } from "./review-markdown.ts";
import type { ReviewTextOptions } from "./review-text.ts";
import { reviewWords } from "./review-words.ts";
import type { Language } from "./sentences.ts";
import { clean } from "./words.ts";

export function renderReviewFleetMarkdown(fleet: ReviewFleet, { language = "en" }: Pick<ReviewTextOptions, "language"> = {}): string {
  const words = reviewWords[language];
  const rows = fleet.servers.map((server) => [serverMark(server), code(server.name), escapeMarkdown(serverLine(server, words, language))]);
  const blocks = [
    `## ${fleetMark(fleet)} ${escapeMarkdown(headLine(fleetHead(fleet, words)))}`,
    code(fleet.subject),
    table(["", "", ""], rows),
    ...fleet.servers.map((server) => serverBlock(server, language)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function serverBlock({ name, review, error }: ReviewedServerResult, language: Language): string {
  if (review) return details(name, renderReviewMarkdown(review, { language }).trimEnd());
  return [`### ? ${escapeMarkdown(name)}`, ...(error ? [fence(errorText(error, language))] : [])].join("\n\n");
}

function code(text: string): string {
  return `\`${codeText(clean(text))}\``;
}
