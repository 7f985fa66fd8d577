/** Markdown, as GitHub and GitLab show it. */
import type { Result } from "../core/result.ts";
import { findingCells, findings, findingTitle } from "./findings.ts";
import { type Matrix, type MatrixRow, matrices } from "./matrix.ts";
import {
  adviceLines,
  clean,
  countsLine,
  familyWord,
  forwardLine,
  grantWord,
  outcomeSentence,
  outcomeSymbols,
  outcomeWords,
  provenanceLine,
  statusWords,
  symbols,
  whyText,
} from "./words.ts";

/** Verdict, findings, matrix (rows vantage points, columns forward × family), forwards, provenance. */
export function renderMarkdown(result: Result): string {
  const blocks = [
    `## ${outcomeSymbols[result.outcome]} ${outcomeWords[result.outcome]}: ${escapeMarkdown(outcomeSentence(result))}`,
    `Policy \`${code(result.policy.file)}\`. ${countsLine(result)}.`,
    ...notes(result),
    ...findings(result).map((finding) =>
      [
        `### ${symbols[finding.status]} ${escapeMarkdown(findingTitle(finding))}`,
        table(
          ["", ""],
          [
            ["**Expected**", escapeMarkdown(finding.expected)],
            ["**Observed**", escapeMarkdown(finding.observed)],
            [
              finding.status === "violated" ? "**Decided by**" : "**Because**",
              escapeMarkdown([finding.status === "violated" ? finding.decider : "", ...finding.reasons].filter((part) => part).join(" — ")),
            ],
            ["**What to do**", escapeMarkdown(finding.advice.join("; "))],
          ],
        ),
        details(
          `${finding.cells.length} ${finding.cells.length === 1 ? "cell" : "cells"} with evidence`,
          table(
            ["from", "to", "evidence"],
            findingCells(finding).map((cell) => [escapeMarkdown(cell.vantage), `\`${code(cell.target)}\``, escapeMarkdown(cell.evidence)]),
          ),
        ),
      ].join("\n\n"),
    ),
    ...result.forwards
      .filter((forward) => forward.status === "violated" || forward.status === "inconclusive")
      .map((forward) =>
        [
          `### ${symbols[forward.status]} ${escapeMarkdown(forward.name)}: expected to be ${forward.expected}, is ${grantWord(forward.granted)}`,
          [whyText(forward), ...adviceLines(forward)]
            .filter((part) => part)
            .map((part) => escapeMarkdown(part))
            .join("\n\n"),
          details("logs of ssh and sshd", fence(`--- ssh\n${forward.clientLog}\n--- sshd\n${forward.serverLog}`)),
        ].join("\n\n"),
      ),
    ...matrices(result).map((matrix) => {
      const columns = matrix.forwards.flatMap((forward) =>
        familiesOf(matrix, forward.name).map((family) => ({ forward: forward.name, family })),
      );
      const vantages = [...new Set(matrix.rows.map((row) => row.vantage))];
      return [
        `### Who can reach it${matrix.listensOn === "server" ? "" : ` (listener on ${escapeMarkdown(matrix.listensOn)})`}`,
        table(
          ["from", ...columns.map(({ forward, family }) => `${escapeMarkdown(forward)} ${familyWord(family)}`)],
          vantages.map((vantage) => [
            `**${escapeMarkdown(vantage)}**`,
            ...columns.map(({ forward, family }) => {
              const cells = matrix.rows
                .filter((row) => row.vantage === vantage && row.family === family)
                .flatMap((row) => (row.cells[forward] ? [{ row, cell: row.cells[forward] }] : []));
              return cells
                .map(({ row, cell }) => {
                  const difference = cell.status === "violated" || cell.status === "waived" ? ` (expected ${cell.expected})` : "";
                  return `${symbols[cell.status]} ${cell.observed}${difference}${cells.length > 1 ? ` at \`${code(row.address)}\`` : ""}`;
                })
                .join("<br>");
            }),
          ]),
        ),
      ].join("\n\n");
    }),
    (Object.keys(symbols) as (keyof typeof symbols)[]).map((status) => `${symbols[status]} ${statusWords[status]}`).join(" · "),
    details(
      "Forwards",
      table(
        ["forward", "command", "outcome"],
        result.forwards.map((forward) => [
          escapeMarkdown(forward.name),
          `\`${code(`ssh ${forward.ssh}`)}\``,
          escapeMarkdown(forwardLine(forward)),
        ]),
      ),
    ),
    details(
      "Where this comes from",
      [escapeMarkdown(provenanceLine(result)), ...result.provenance.adaptations.map((one) => `- ${escapeMarkdown(one)}`)].join("\n"),
    ),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function notes(result: Result): string[] {
  const lines = [
    ...result.reasons.map(({ status, text }) => `- ${symbols[status]} ${escapeMarkdown(text)}`),
    ...result.waivers
      .filter((waiver) => waiver.state === "used")
      .map(
        (waiver) =>
          `- ${symbols.waived} waiver ${escapeMarkdown(waiver.id)} (${escapeMarkdown(waiver.forward)} from ${escapeMarkdown(waiver.vantage)}) until ${waiver.expires}: ${escapeMarkdown(waiver.reason)} (${escapeMarkdown(waiver.owner)})`,
      ),
    ...result.warnings.map((warning) => `- warning: ${escapeMarkdown(warning)}`),
  ];
  return lines.length > 0 ? [lines.join("\n")] : [];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- ").join("|")}|`, ...rows.map(line)].join("\n");
}

function details(summary: string, content: string): string {
  return `<details><summary>${escapeMarkdown(summary)}</summary>\n\n${content}\n\n</details>`;
}

/** A code block whose fence is longer than any run of backticks inside. */
function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return `${"`".repeat(longest + 1)}\n${clean(text)}\n${"`".repeat(longest + 1)}`;
}

/** Text that Markdown shows as it is; what stands between backticks stays code. */
export function escapeMarkdown(text: string): string {
  return clean(text)
    .replaceAll("\n", " ")
    .split(/(`[^`]*`)/)
    .map((part) =>
      /^`[^`]+`$/.test(part)
        ? `\`${code(part.slice(1, -1))}\``
        : part.replace(/[\\`*_{}[\]<>#|~!]/g, (one) => (one === "<" ? "&lt;" : `\\${one}`)).replaceAll("@", "&#64;"),
    )
    .join("");
}

/** Text inside single backticks in a table. */
function code(text: string): string {
  return clean(text).replaceAll("`", "'").replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** Columns of a forward: both IP families, or the one of a Unix socket. */
function familiesOf(matrix: Matrix, forward: string): MatrixRow["family"][] {
  return matrix.rows.some((row) => row.family === null && row.cells[forward]) ? [null] : [4, 6];
}
