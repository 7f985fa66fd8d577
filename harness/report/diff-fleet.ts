/** A comparison of fleets on a terminal and in Markdown: one line for each server, then each that changed. */
import type { DiffFleet, DiffFleetServer } from "../core/diff-fleet.ts";
import { serverOutcome } from "../core/server-outcome.ts";
import { changedFirst, fleetHeadline, fleetSides, isUnchanged, serverLine } from "./diff-fleet-lines.ts";
import { renderDiffMarkdown } from "./diff-markdown.ts";
import { type DiffTextOptions, outcomeMarks, outcomeStyles, renderDiffText } from "./diff-text.ts";
import { diffWords } from "./diff-words.ts";
import { errorText } from "./fleet-errors.ts";
import { codeText, details, escapeMarkdown, fence, table } from "./markdown.ts";
import type { Language } from "./sentences.ts";
import { painter, serverHeading } from "./text-style.ts";
import { clean, cleanLine } from "./words.ts";
import { wrap } from "./wrap.ts";

export function renderDiffFleetText(fleet: DiffFleet, options: DiffTextOptions = {}): string {
  const language = options.language ?? "en";
  const words = diffWords[language];
  const width = Math.max(60, options.width ?? 100);
  const paint = painter(options.color ?? false);
  const sorted = changedFirst(fleet);
  const { verdict, summary } = fleetHeadline(fleet, words);
  const names = Math.min(40, Math.max(...sorted.map(({ name }) => clean(name).length)));
  const indent = " ".repeat(names + 6);
  const lines = sorted.flatMap((server) => {
    const outcome = serverOutcome(server);
    const start = `  ${paint(outcomeStyles[outcome], outcomeMarks[outcome])} ${clean(server.name).padEnd(names)}  `;
    return wrap(serverLine(server, language), width - indent.length).map((line, at) => `${at === 0 ? start : indent}${line}`);
  });
  const blocks = [
    `${paint(outcomeStyles[fleet.outcome], `${outcomeMarks[fleet.outcome]} ${verdict}`)}  ${summary}\n${paint("dim", fleetSides(fleet))}`,
    lines.join("\n"),
    ...sorted
      .filter((server) => !isUnchanged(server))
      .map((server) => {
        return `${serverHeading(server.name, paint)}\n${blockOf(server, language, (diff) => renderDiffText(diff, options))}`;
      }),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function blockOf(
  { diff, error }: DiffFleetServer,
  language: Language,
  render: (diff: NonNullable<DiffFleetServer["diff"]>) => string,
): string {
  if (diff) return render(diff).trimEnd();
  return error ? clean(errorText(error, language)) : "";
}

export function renderDiffFleetMarkdown(fleet: DiffFleet, { language = "en" }: Pick<DiffTextOptions, "language"> = {}): string {
  const words = diffWords[language];
  const { verdict, summary } = fleetHeadline(fleet, words);
  const sorted = changedFirst(fleet);
  const blocks = [
    `## ${outcomeMarks[fleet.outcome]} ${verdict}: ${escapeMarkdown(summary)}`,
    escapeMarkdown(fleetSides(fleet)),
    table(
      ["", words.fleet.server, ""],
      sorted.map((server) => [
        outcomeMarks[serverOutcome(server)],
        `\`${codeText(server.name)}\``,
        escapeMarkdown(serverLine(server, language)),
      ]),
    ),
    ...sorted
      .filter((server) => !isUnchanged(server))
      .map((server) =>
        server.diff
          ? details(server.name, renderDiffMarkdown(server.diff, { language }).trimEnd())
          : `### ? ${escapeMarkdown(cleanLine(server.name))}\n\n${fence(blockOf(server, language, () => ""))}`,
      ),
  ];
  return `${blocks.join("\n\n")}\n`;
}
