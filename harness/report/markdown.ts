/** Markdown, as GitHub and GitLab show it. */

import type { Result } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import { type Finding, findings } from "./findings.ts";
import { type Matrix, type MatrixRow, matrices } from "./matrix.ts";
import { classText, sourceRows, uncoveredLines } from "./sources.ts";
import {
  clean,
  countsLine,
  familyWord,
  forwardLine,
  outcomeSentence,
  outcomeSymbols,
  outcomeWords,
  provenanceLine,
  statusWords,
  symbols,
  waiverText,
} from "./words.ts";

/** Verdict, findings, matrix (rows vantage points, columns forward × family), forwards, provenance. */
export function renderMarkdown(result: Result): string {
  const blocks = [
    `## ${outcomeSymbols[result.outcome]} ${outcomeWords[result.outcome]}: ${escapeMarkdown(outcomeSentence(result))}`,
    `Policy \`${codeText(result.policy.file)}\`. ${countsLine(result)}.`,
    ...notes(result),
    ...findings(result).map(findingBlock),
    ...matrices(result).map((matrix) => {
      const columns = matrix.forwards.flatMap((forward) =>
        familiesOf(matrix, forward.name).map((family) => ({ forward: forward.name, family })),
      );
      const vantages = [...new Set(matrix.rows.map((row) => row.visitor))];
      return [
        `### Who can reach it${matrix.listensOn === "server" ? "" : ` (listener on ${escapeMarkdown(matrix.listensOn)})`}`,
        table(
          ["from", ...columns.map(({ forward, family }) => `${escapeMarkdown(forward)} ${familyWord(family)}`)],
          vantages.map((vantage) => [
            `**${escapeMarkdown(vantage)}**`,
            ...columns.map(({ forward, family }) => {
              const cells = matrix.rows
                .filter((row) => row.visitor === vantage && row.family === family)
                .flatMap((row) => (row.cells[forward] ? [{ row, cell: row.cells[forward] }] : []));
              return cells
                .map(({ row, cell }) => {
                  const difference = cell.status === "violated" || cell.status === "waived" ? ` (expected ${cell.expected})` : "";
                  return `${symbols[cell.status]} ${cell.observed}${difference}${cells.length > 1 ? ` at \`${codeText(row.address)}\`` : ""}`;
                })
                .join("<br>");
            }),
          ]),
        ),
      ].join("\n\n");
    }),
    ...sourcesTable(result),
    (Object.keys(symbols) as (keyof typeof symbols)[]).map((status) => `${symbols[status]} ${statusWords[status]}`).join(" · "),
    details(
      "Forwards",
      table(
        ["forward", "command", "outcome"],
        result.forwards.map((forward) => [
          escapeMarkdown(forward.name),
          `\`${codeText(typedCommand(forward.ssh))}\``,
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

/** Rows are classes of source addresses, columns forwards. */
function sourcesTable(result: Result): string[] {
  const rows = sourceRows(result);
  const names = Object.keys(rows[0]?.cells ?? {});
  if (rows.length === 0) return [];
  return [
    "### Every source address",
    table(
      ["", "addresses", "probed from", ...names.map(escapeMarkdown)],
      rows.map((row) => [
        familyWord(row.family),
        escapeMarkdown(row.addresses),
        escapeMarkdown(row.standsFor),
        ...names.map((name) => classText(row.cells[name] ?? [])),
      ]),
    ),
    ...uncoveredLines(result).map(escapeMarkdown),
  ];
}

function notes(result: Result): string[] {
  const lines = [
    ...result.reasons.map(({ status, text }) => `- ${symbols[status]} ${escapeMarkdown(text)}`),
    ...result.waivers
      .filter((waiver) => waiver.state === "used")
      .map(
        (waiver) =>
          `- ${symbols.waived} ${escapeMarkdown(waiverText(waiver, result.cells.filter((cell) => cell.waiver === waiver.id).length))}`,
      ),
    ...result.warnings.map((warning) => `- warning: ${escapeMarkdown(warning)}`),
  ];
  return lines.length > 0 ? [lines.join("\n")] : [];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- ").join("|")}|`, ...rows.map(line)].join("\n");
}

export function details(summary: string, content: string): string {
  return `<details><summary>${summaryText(summary)}</summary>\n\n${content}\n\n</details>`;
}

/** A summary is HTML: Markdown's escapes would be seen. */
function summaryText(text: string): string {
  return clean(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("\n", " ")
    .replaceAll("@", "&#64;")
    .replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** A code block whose fence is longer than any run of backticks inside. */
export function fence(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return `${"`".repeat(longest + 1)}${language}\n${clean(text)}\n${"`".repeat(longest + 1)}`;
}

function findingBlock(finding: Finding): string {
  const { seen, logs } = finding;
  const because = [finding.decider, ...finding.reasons].filter((part) => part !== "").join(" — ");
  const rows = [
    ["**Expected**", finding.expected],
    ["**Observed**", finding.observed],
    [finding.status === "violated" ? "**Decided by**" : "**Because**", because],
    ["**Remedy**", finding.remedies.join("; ")],
    ["**Next**", finding.next.join("; ")],
  ].filter(([, text]) => text !== "");
  return [
    `### ${symbols[finding.status]} ${escapeMarkdown(finding.title)}`,
    table(
      ["", ""],
      rows.map(([label = "", text = ""]) => [label, escapeMarkdown(text)]),
    ),
    ...finding.patches.map((patch) => fence(patch.trimEnd(), "diff")),
    logs
      ? details(
          "logs of ssh and sshd",
          fence(logs.map(({ forward, client, server }) => `--- ssh: ${forward}\n${client}\n--- sshd: ${forward}\n${server}`).join("\n")),
        )
      : details(
          `${seen.length} ${seen.length === 1 ? "probe" : "probes"} with evidence`,
          table(
            ["from", "to", "evidence"],
            seen.map(({ who, target, evidence }) => [escapeMarkdown(who), `\`${codeText(target)}\``, escapeMarkdown(evidence)]),
          ),
        ),
  ].join("\n\n");
}

/** Text that Markdown shows as it is; what stands between backticks stays code. */
export function escapeMarkdown(text: string): string {
  return clean(text)
    .replaceAll("\n", " ")
    .split(/(`[^`]*`)/)
    .map((part) =>
      /^`[^`]+`$/.test(part)
        ? `\`${codeText(part.slice(1, -1))}\``
        : part.replace(/[\\`*_{}[\]<>#|~!]/g, (one) => (one === "<" ? "&lt;" : `\\${one}`)).replaceAll("@", "&#64;"),
    )
    .join("");
}

/** Text inside single backticks in a table. */
export function codeText(text: string): string {
  return clean(text).replaceAll("`", "'").replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** Columns of a forward: both IP families, or the one of a Unix socket. */
function familiesOf(matrix: Matrix, forward: string): MatrixRow["family"][] {
  return matrix.rows.some((row) => row.family === null && row.cells[forward]) ? [null] : [4, 6];
}
