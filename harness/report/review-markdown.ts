/** A review in Markdown: the verdict, a table of findings, and each finding, what was refused and what was never met to unfold. */

import type { Review, ReviewFinding } from "../core/review.ts";
import { adaptationsIn } from "./adaptations.ts";
import { withChecksIn } from "./lab-facts.ts";
import { codeText, details, escapeMarkdown, fence, table } from "./markdown.ts";
import {
  audienceMarks,
  baselines,
  type CauseParts,
  causeParts,
  exampleLine,
  fixLine,
  footLine,
  headLine,
  headMark,
  notProbedLines,
  principalNames,
  refusedBy,
  shortList,
  titleOf,
} from "./review-lines.ts";
import { sensitivityLines } from "./review-sensitivity.ts";
import { subjectText } from "./review-server.ts";
import type { ReviewTextOptions } from "./review-text.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { accountsText, destinationLines, findingWhat, requestText, reviewWords } from "./review-words.ts";
import { type Language, sentenceFor } from "./sentences.ts";
import { warningsIn } from "./warnings.ts";
import { clean } from "./words.ts";

export function renderReviewMarkdown(review: Review, { language = "en" }: Pick<ReviewTextOptions, "language"> = {}): string {
  const words = reviewWords[language];
  const blocks = [
    `## ${headMark(review)} ${escapeMarkdown(headLine(words.head(review)))}`,
    `${code(subjectText(review))}: ${escapeMarkdown(words.counts(review))}`,
    notes(review, words, language),
    findingsTable(review, words, language),
    ...review.findings.map((finding, at) => findingBlock(finding, at + 1, review, language)),
    refusedBlock(review, words, language),
    coverageBlock(review, words),
    ...sensitivityLines(review, words, language).map(({ title, lines }) => listed(title, lines)),
    listed(words.references, baselines(review)),
    listed(words.provenance, adaptationsIn(review.provenance, language)),
    escapeMarkdown(footLine(review, words)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function notes(review: Review, words: ReviewWords, language: Language): string {
  return [
    ...review.reasons.map((reason) => `- ? ${escapeMarkdown(sentenceFor(withChecksIn(reason, review.provenance, language), language))}`),
    ...warningsIn(review, language).map((warning) => `- ${words.warning}: ${escapeMarkdown(warning)}`),
  ].join("\n");
}

function findingsTable({ findings }: Review, words: ReviewWords, language: Language): string {
  if (findings.length === 0) return "";
  const { audience, who, what } = words.columns;
  return table(
    ["#", audience, who, what, words.letBy, words.fix],
    findings.map((finding, at) => [
      String(at + 1),
      `${audienceMarks[finding.audience]} ${words.audience[finding.audience]}`,
      escapeMarkdown(accountsText(finding, language)),
      escapeMarkdown(findingWhat(finding, language)),
      causeParts(finding, language)
        .map((parts) => causeText(parts, words))
        .join("<br>"),
      escapeMarkdown(fixLine(finding, words, language)),
    ]),
  );
}

function causeText({ rule, text, place, byDefault }: CauseParts, words: ReviewWords): string {
  const where = byDefault ? words.byDefault : escapeMarkdown(place);
  return [rule === undefined ? escapeMarkdown(text) : code(rule), where].filter((part) => part !== "").join(" ");
}

function findingBlock(finding: ReviewFinding, number: number, review: Review, language: Language): string {
  const words = reviewWords[language];
  const { visitors, remedy } = finding;
  const rows = [
    [words.principals, principalNames(finding, review.principals).map(code).join("<br>")],
    [words.columns.ports, code(finding.ports ?? "")],
    [words.listeners, finding.listeners.map(code).join(", ")],
    [words.reachedAt, destinationLines(finding, language).map(escapeMarkdown).join("<br>")],
    [words.targetsAsked, finding.targets.map(code).join(", ")],
    [words.addresses, (visitors?.prefixes ?? []).map(code).join(" ")],
    [words.passed, finding.passed.map(code).join(" → ")],
    [words.example, code(exampleLine(finding))],
  ].filter(([, text]) => text !== "");
  const content = [
    table(
      ["", ""],
      rows.map(([label = "", text = ""]) => [`**${label}**`, text]),
    ),
    ...(remedy?.patch ? [fence(remedy.patch.trimEnd(), "diff")] : []),
  ];
  return details(`${number}. ${titleOf(finding, language)}`, content.join("\n\n"));
}

function refusedBlock(review: Review, words: ReviewWords, language: Language): string {
  const rows = [
    ...review.answers
      .filter(({ granted }) => !granted)
      .map((answer) => [requestText(answer.request, words), shortList(answer.principals, words), refusedBy(answer, words, language)]),
    ...review.principals
      .filter(({ loggedIn }) => !loggedIn)
      .map((principal) => [words.columns.login, principal.id, refusedBy(principal, words, language)]),
  ];
  if (rows.length === 0) return "";
  return details(
    `${words.refusals} (${rows.length})`,
    table(
      [words.columns.request, words.columns.who, words.columns.rule],
      rows.map((row) => row.map(escapeMarkdown)),
    ),
  );
}

function coverageBlock(review: Review, words: ReviewWords): string {
  const related = review.coverage.filter(({ state }) => state !== "unrelated");
  const notProbed = notProbedLines(review, words).map((line) => `- ${escapeMarkdown(line)}`);
  if (related.length === 0 && notProbed.length === 0) return "";
  const { place, rule, state } = words.columns;
  const rows = related.map((each) => [code(`${each.file}:${each.line}`), code(each.rule), words.state[each.state]]);
  return details(
    related.length === 0 ? words.coverage : `${words.coverage}: ${words.covered(related)}`,
    [...(rows.length > 0 ? [table([place, rule, state], rows)] : []), ...(notProbed.length > 0 ? [notProbed.join("\n")] : [])].join("\n\n"),
  );
}

function listed(title: string, items: readonly string[]): string {
  return items.length === 0 ? "" : details(title, items.map((item) => `- ${escapeMarkdown(item)}`).join("\n"));
}

function code(text: string): string {
  return text === "" ? "" : `\`${codeText(clean(text))}\``;
}
