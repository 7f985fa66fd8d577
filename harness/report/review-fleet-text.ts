/** The reviews of several servers on a terminal: one line for each, then each one's own report. */
import type { ReviewedServerResult, ReviewFleet } from "../core/review-fleet.ts";
import { errorLines } from "./fleet-errors.ts";
import { fleetHead, fleetMark, serverLine, serverMark } from "./review-fleet-lines.ts";
import { headLine } from "./review-lines.ts";
import { type ReviewTextOptions, renderReviewText } from "./review-text.ts";
import { reviewWords } from "./review-words.ts";
import { type Paint, painter, serverHeading } from "./text-style.ts";
import { cleanLine } from "./words.ts";
import { hanging, wrap } from "./wrap.ts";

export function renderReviewFleetText(fleet: ReviewFleet, options: ReviewTextOptions = {}): string {
  const language = options.language ?? "en";
  const words = reviewWords[language];
  const width = Math.max(60, options.width ?? 100);
  const paint = painter(options.color ?? false);
  const names = Math.min(40, Math.max(...fleet.servers.map(({ name }) => name.length)));
  const blocks = [
    hanging(fleetMark(fleet), cleanLine(`${headLine(fleetHead(fleet, words), "  ")}  ${fleet.subject}`), width)
      .map((line) => paint("bold", line))
      .join("\n"),
    fleet.servers
      .flatMap((server) =>
        hanging(`  ${serverMark(server)} ${cleanLine(server.name).padEnd(names)} `, serverLine(server, words, language), width),
      )
      .join("\n"),
    ...fleet.servers.map((server) => serverBlock(server, options, { paint, width })),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function serverBlock(server: ReviewedServerResult, options: ReviewTextOptions, { paint, width }: { paint: Paint; width: number }): string {
  const heading = serverHeading(server.name, paint);
  if (server.review) return `${heading}\n${renderReviewText(server.review, options).trimEnd()}`;
  const { error } = server;
  if (!error) return heading;
  const { told, log } = errorLines(error, options.language);
  return [heading, ...told.flatMap((line) => wrap(line, width)), ...log].join("\n");
}
