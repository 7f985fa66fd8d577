/** A review on a terminal: findings by who gets in, then what was refused, then what was never met. */
import type { Review, ReviewFinding } from "../core/review.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { findingText, reviewWords } from "./review-words.ts";
import { type Language, sentenceFor } from "./sentences.ts";
import type { TextOptions } from "./text.ts";
import { labelled } from "./text-findings.ts";
import { type Paint, painter, type Style } from "./text-style.ts";
import { clean, cleanLine, count, placeText } from "./words.ts";
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
}

/** Never colour alone. */
const marks: Record<ReviewFinding["audience"], string> = { internet: "✘", networks: "!", lan: "!", server: "·", account: "·" };
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
  };
  const blocks = [
    headBlock(review, context),
    ...review.findings.map((finding, at) => findingBlock(finding, at + 1, context)),
    refusalBlock(review, context),
    coverageBlock(review, context),
    referencesBlock(review, context),
    review.warnings
      .flatMap((text) => hanging(context.paint("yellow", "!"), `${context.words.warning}: ${cleanLine(text)}`, context.width))
      .join("\n"),
    footer(review, context),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function headBlock(review: Review, { words, language, paint, width }: Context): string {
  const unsure = review.outcome === "inconclusive";
  const style: Style = unsure ? ["yellow", "bold"] : ["bold"];
  const known = review.findings.length === 0 ? "✔" : "✘";
  const mark = unsure ? "?" : known;
  return [
    paint(style, `${mark} ${words.head(review)}  ${clean(review.subject)}`),
    ...wrap(words.counts(review), width).map((line) => paint("dim", line)),
    ...review.reasons.flatMap((reason) => hanging("?", sentenceFor(reason, language), width)),
  ].join("\n");
}

function findingBlock(finding: ReviewFinding, number: number, { words, language, paint, width }: Context): string {
  const title = `${marks[finding.audience]} ${number}  ${words.audience[finding.audience]}  ${cleanLine(findingText(finding, language))}`;
  const label = (name: string, texts: readonly string[]) => (texts.length > 0 ? labelled(name, texts.map(cleanLine), paint, width) : []);
  const { remedy } = finding;
  const also = remedy && remedy.also.length > 0 ? ` (${words.alsoCloses(remedy.also.length)})` : "";
  return [
    ...wrap(title, width).map((line, at) => paint(styles[finding.audience], at === 0 ? line : `    ${line}`)),
    ...label(
      words.letBy,
      finding.decidedBy.map((cause) => [cause.rule ?? sentenceFor(cause, language), placeText(cause)].filter(Boolean).join("  ")),
    ),
    ...label(words.example, [`ssh ${finding.example}`]),
    ...label(words.fix, remedy ? [`${sentenceFor(remedy.summary, language)}${also}`] : []),
  ].join("\n");
}

/** What was refused, by the line that refused it. */
function refusalBlock({ answers, principals }: Review, { words, language, paint, width }: Context): string {
  const refused = answers.filter(({ granted }) => !granted);
  const outside = principals.filter(({ loggedIn }) => !loggedIn);
  const lines = [
    ...Map.groupBy(refused, ({ refusedBy }) => JSON.stringify([refusedBy?.code, refusedBy?.rule, refusedBy?.file, refusedBy?.line])),
  ].map(([, group]) => {
    const [first] = group;
    const by = first?.refusedBy;
    const what = by
      ? [by.rule ?? sentenceFor(by, language).replace(/[.。]$/, ""), placeText(by)].filter(Boolean).join("  ")
      : words.noReason;
    const accounts = [...new Set(group.flatMap((each) => each.principals))];
    return `${what}: ${count(group.length, "kind")} × ${count(accounts.length, "principal")}`;
  });
  const logins = [...Map.groupBy(outside, ({ refusedBy }) => refusedBy?.text ?? "")].map(
    ([why, group]) => `${group.map(({ id }) => id).join(", ")}: ${words.cannotLogIn}${why ? ` (${why})` : ""}`,
  );
  const all = [...lines, ...logins].map(cleanLine);
  if (all.length === 0) return "";
  return [
    paint("bold", words.refusals),
    ...all.flatMap((line) => wrap(line, width - 4).map((part, at) => `  ${at === 0 ? "" : "  "}${part}`)),
  ].join("\n");
}

function coverageBlock({ coverage }: Review, { words, paint, width }: Context): string {
  const related = coverage.filter(({ state }) => state !== "unrelated");
  const unmet = related.filter(({ state }) => state === "unmet");
  if (unmet.length === 0) return "";
  const lines = unmet.map(({ file, line, rule }) => `${file}:${line}  ${rule}`).map(cleanLine);
  return [
    paint("bold", `${words.coverage}  ${words.covered(related)}`),
    ...lines.slice(0, 12).flatMap((line) => wrap(line, width - 2).map((part) => `  ${part}`)),
    ...(lines.length > 12 ? [`  … ${lines.length - 12}`] : []),
  ].join("\n");
}

/** Published baselines that ask for the same, once for all findings. */
function referencesBlock({ findings }: Review, { words, paint, width }: Context): string {
  const items = new Set(findings.flatMap(({ references }) => references.map(({ standard, item }) => `${standard}, ${item}`)));
  if (items.size === 0) return "";
  return [paint("bold", words.references), ...[...items].flatMap((item) => wrap(item, width - 2).map((line) => `  ${line}`))].join("\n");
}

function footer(review: Review, { words, paint, width }: Context): string {
  const { openssh, durationMs } = review.provenance;
  const text = [openssh?.server, words.agreement(review), durationMs === undefined ? "" : `${(durationMs / 1000).toFixed(1)} s`]
    .filter(Boolean)
    .join(" · ");
  return wrap(text, width)
    .map((line) => paint("dim", line))
    .join("\n");
}
