/** A review on a terminal: findings by who gets in, then what was refused, then what was never met. */

import type { Review, ReviewFinding } from "../core/review.ts";
import { withChecksIn } from "./lab-facts.ts";
import {
  audienceMarks,
  baselines,
  causeLines,
  cutLines,
  exampleLine,
  fixLine,
  footLine,
  headLine,
  headMark,
  notProbedLines,
  principalNames,
  refusals,
  titleOf,
} from "./review-lines.ts";
import { sensitivityLines } from "./review-sensitivity.ts";
import { subjectText } from "./review-server.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { destinationLines, reviewWords } from "./review-words.ts";
import { type Language, sentenceFor } from "./sentences.ts";
import type { TextOptions } from "./text.ts";
import { labelled } from "./text-findings.ts";
import { type Paint, painter, type Style } from "./text-style.ts";
import { warningsIn } from "./warnings.ts";
import { cleanLine } from "./words.ts";
import { hanging, wrap } from "./wrap.ts";

export interface ReviewTextOptions extends TextOptions {
  /** Default: English. */
  language?: Language;
}

interface Context {
  words: ReviewWords;
  language: Language;
  paint: Paint;
  width: number;
  /** All of the review. */
  principals: readonly { id: string }[];
}

const styles: Record<ReviewFinding["audience"], Style> = {
  internet: ["red", "bold"],
  networks: "yellow",
  lan: "yellow",
  server: "dim",
  account: "dim",
};

export function renderReviewText(review: Review, options: ReviewTextOptions = {}): string {
  const language = options.language ?? "en";
  const context: Context = {
    words: reviewWords[language],
    language,
    paint: painter(options.color ?? false),
    width: Math.max(60, options.width ?? 100),
    principals: review.principals,
  };
  const { words } = context;
  const blocks = [
    headBlock(review, context),
    ...review.findings.map((finding, at) => findingBlock(finding, at + 1, context)),
    refusalBlock(review, context),
    coverageBlock(review, context),
    ...sensitivityLines(review, words, language).map(({ title, lines }) => listBlock(title, lines.map(cleanLine), context)),
    listBlock(words.references, baselines(review), context),
    warningsIn(review, language)
      .flatMap((text) => hanging(context.paint("yellow", "!"), `${words.warning}: ${cleanLine(text)}`, context.width))
      .join("\n"),
    footer(review, context),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function headBlock(review: Review, { words, language, paint, width }: Context): string {
  const style: Style = review.outcome === "inconclusive" ? ["yellow", "bold"] : ["bold"];
  return [
    ...hanging(headMark(review), cleanLine(`${headLine(words.head(review), "  ")}  ${subjectText(review)}`), width).map((line) =>
      paint(style, line),
    ),
    ...wrap(words.counts(review), width).map((line) => paint("dim", line)),
    ...review.reasons.flatMap((reason) =>
      hanging(paint("yellow", "?"), cleanLine(sentenceFor(withChecksIn(reason, review.provenance, language), language)), width),
    ),
  ].join("\n");
}

function findingBlock(finding: ReviewFinding, number: number, { words, language, paint, width, principals }: Context): string {
  const title = `${number}  ${words.audience[finding.audience]}  ${titleOf(finding, language)}`;
  const label = (name: string, texts: readonly string[]) => labelled(name, texts.filter(Boolean), paint, width);
  return [
    ...hanging(audienceMarks[finding.audience], title, width).map((line) => paint(styles[finding.audience], line)),
    ...label(words.principals, cutLines(principalNames(finding, principals), words)),
    ...label(words.reachedAt, cutLines(destinationLines(finding, language), words)),
    ...label(words.letBy, causeLines(finding, words, language)),
    ...label(words.example, [exampleLine(finding)]),
    ...label(words.fix, [fixLine(finding, words, language)]),
  ].join("\n");
}

/** What was refused, by the line that refused it. */
function refusalBlock(review: Review, context: Context): string {
  const { words, language } = context;
  return listBlock(
    words.refusals,
    refusals(review, words, language).map(({ by, what }) => `${by}: ${what}`),
    context,
  );
}

/** Lines before they are only counted. */
const mostLines = 12;

function coverageBlock(review: Review, context: Context): string {
  const { words } = context;
  const related = review.coverage.filter(({ state }) => state !== "unrelated");
  const unmet = related.filter(({ state }) => state === "unmet").map(({ file, line, rule }) => `${file}:${line}  ${rule}`);
  const lines = [...cutLines(unmet, words, mostLines), ...notProbedLines(review, words)];
  return listBlock(related.length === 0 ? words.coverage : `${words.coverage}  ${words.covered(related)}`, lines, context);
}

/** A title, lines below it, their rest indented further; empty without lines. */
function listBlock(title: string, lines: readonly string[], { paint, width }: Context): string {
  if (lines.length === 0) return "";
  return [
    paint("bold", title),
    ...lines.flatMap((line) => wrap(line, width - 4).map((part, at) => `${at === 0 ? "  " : "    "}${part}`)),
  ].join("\n");
}

function footer(review: Review, { words, paint, width }: Context): string {
  return wrap(footLine(review, words), width - 2)
    .map((line, at) => paint("dim", at === 0 ? line : `  ${line}`))
    .join("\n");
}
