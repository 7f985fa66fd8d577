/** Markdown, as GitHub and GitLab show it. */

import type { Result } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import { adaptationsIn } from "./adaptations.ts";
import { type Finding, findings } from "./findings.ts";
import { inLanguage } from "./in-language.ts";
import { type Matrix, type MatrixRow, matrices } from "./matrix.ts";
import type { ResultWords } from "./result-word-table.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { classText, sourceRows, uncoveredLines } from "./sources.ts";
import { warningsIn } from "./warnings.ts";
import { clean, outcomeSymbols, symbols } from "./words.ts";

/** Verdict, findings, matrix (rows vantage points, columns forward × family), forwards, provenance. */
export function renderMarkdown(given: Result, { language = "en" }: { language?: Language } = {}): string {
  const words = resultWords[language];
  const result = inLanguage(given, language);
  const blocks = [
    `## ${outcomeSymbols[result.outcome]} ${words.markdown.head(words.outcome[result.outcome], escapeMarkdown(words.outcomeSentence(result)))}`,
    words.markdown.policy(`\`${codeText(result.policy.file)}\``, words.counts(result.counts)),
    ...notes(result, language),
    ...findings(result, language).map((finding) => findingBlock(finding, words)),
    ...matrices(result, language).map((matrix) => {
      const columns = matrix.forwards.flatMap((forward) =>
        familiesOf(matrix, forward.name).map((family) => ({ forward: forward.name, family })),
      );
      const vantages = [...new Set(matrix.rows.map((row) => row.visitor))];
      return [
        `### ${words.matrix(matrix.listensOn === "server" ? undefined : escapeMarkdown(matrix.listensOn))}`,
        table(
          [words.markdown.from, ...columns.map(({ forward, family }) => `${escapeMarkdown(forward)} ${words.family(family)}`)],
          vantages.map((vantage) => [
            `**${escapeMarkdown(vantage)}**`,
            ...columns.map(({ forward, family }) => {
              const cells = matrix.rows
                .filter((row) => row.visitor === vantage && row.family === family)
                .flatMap((row) => (row.cells[forward] ? [{ row, cell: row.cells[forward] }] : []));
              return cells
                .map(({ row, cell }) => {
                  const difference =
                    cell.status === "violated" || cell.status === "waived" ? words.markdown.instead(cell.expected ?? "") : "";
                  return `${symbols[cell.status]} ${cell.observed}${difference}${cells.length > 1 ? words.markdown.at(`\`${codeText(row.address)}\``) : ""}`;
                })
                .join("<br>");
            }),
          ]),
        ),
      ].join("\n\n");
    }),
    ...sourcesTable(result, language),
    (Object.keys(symbols) as (keyof typeof symbols)[]).map((status) => `${symbols[status]} ${words.status[status]}`).join(" · "),
    details(
      words.forwards,
      table(
        words.markdown.forwardColumns,
        result.forwards.map((forward) => [
          escapeMarkdown(forward.name),
          `\`${codeText(typedCommand(forward.ssh))}\``,
          escapeMarkdown(words.forwardLine(forward)),
        ]),
      ),
    ),
    details(
      words.markdown.provenance,
      [
        escapeMarkdown(words.provenance(result.provenance)),
        ...adaptationsIn(result.provenance, language).map((one) => `- ${escapeMarkdown(one)}`),
      ].join("\n"),
    ),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Rows are classes of source addresses, columns forwards. */
function sourcesTable(result: Result, language: Language): string[] {
  const words = resultWords[language];
  const rows = sourceRows(result, language);
  const names = Object.keys(rows[0]?.cells ?? {});
  if (rows.length === 0) return [];
  return [
    `### ${words.sources.title}`,
    table(
      ["", words.sources.addresses, words.sources.from, ...names.map(escapeMarkdown)],
      rows.map((row) => [
        words.family(row.family),
        escapeMarkdown(row.addresses),
        escapeMarkdown(row.standsFor),
        ...names.map((name) => classText(row.cells[name] ?? [])),
      ]),
    ),
    ...uncoveredLines(result, language).map(escapeMarkdown),
  ];
}

function notes(result: Result, language: Language): string[] {
  const words = resultWords[language];
  const lines = [
    ...result.reasons.map(({ status, text }) => `- ${symbols[status]} ${escapeMarkdown(text)}`),
    ...result.waivers
      .filter((waiver) => waiver.state === "used")
      .map(
        (waiver) =>
          `- ${symbols.waived} ${escapeMarkdown(words.waiver(waiver, result.cells.filter((cell) => cell.waiver === waiver.id).length))}`,
      ),
    ...warningsIn(result, language).map((warning) => `- ${escapeMarkdown(words.warning(warning))}`),
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

function findingBlock(finding: Finding, words: ResultWords): string {
  const { seen, logs } = finding;
  const because = [finding.decider, ...finding.reasons].filter((part) => part !== "").join(" — ");
  const rows = [
    [`**${words.labels.expected}**`, finding.expected],
    [`**${words.labels.observed}**`, finding.observed],
    [`**${finding.status === "violated" ? words.labels.decidedBy : words.labels.because}**`, because],
    [`**${words.labels.remedy}**`, finding.remedies.join("; ")],
    [`**${words.labels.next}**`, finding.next.join("; ")],
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
          words.markdown.logs,
          fence(logs.map(({ forward, client, server }) => `--- ssh: ${forward}\n${client}\n--- sshd: ${forward}\n${server}`).join("\n")),
        )
      : details(
          words.markdown.probes(seen.length),
          table(
            words.markdown.probeColumns,
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
