/** What changed between two reviews, in the formats that can carry a comparison. */
import type { ReviewFinding } from "../core/review.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import type { DiffTextOptions } from "./diff-text.ts";
import { diffWords } from "./diff-words.ts";
import { annotations, shortSummary } from "./github.ts";
import { escapeMarkdown } from "./markdown.ts";
import { causeLines, exampleLine, titleOf } from "./review-lines.ts";
import { placesOf } from "./review-places.ts";
import { destinationLines, reviewWords } from "./review-words.ts";
import type { Language } from "./sentences.ts";
import { painter } from "./text-style.ts";
import { cleanLine } from "./words.ts";
import { hanging } from "./wrap.ts";

/** One change: what happened to a finding, and the finding. */
interface ChangeLine {
  mark: "✘" | "✔" | "~";
  title: string;
  details: string[];
}

function changeLines({ opened, gone, changed }: ReviewDiff, language: Language): ChangeLine[] {
  const words = reviewWords[language];
  const told = (mark: ChangeLine["mark"], finding: ReviewFinding, word: string): ChangeLine => ({
    mark,
    title: `${word}  ${words.audience[finding.audience]}  ${titleOf(finding, language)}`,
    details: [...destinationLines(finding, language), ...causeLines(finding, words, language), exampleLine(finding)],
  });
  return [
    ...opened.map((finding) => told("✘", finding, words.diff.opened)),
    ...gone.map((finding) => told("✔", finding, words.diff.gone)),
    ...changed.map(({ before, after }) => ({
      ...told("~", after, words.diff.changed),
      details: [
        `${diffWords[language].before}: ${titleOf(before, language)}`,
        ...destinationLines(after, language),
        ...causeLines(after, words, language),
      ],
    })),
  ];
}

function settingLines({ settings, principals }: ReviewDiff, language: Language): string[] {
  const words = reviewWords[language];
  return [
    ...settings.map(({ principal, before, after }) => `${principal}: ${before ?? "-"} → ${after ?? "-"}`),
    ...principals.added.map((id) => `+ ${id}`),
    ...principals.removed.map((id) => `- ${id}`),
  ].map((line) => cleanLine(`${words.principals}  ${line}`));
}

/** The outcome, and what changed in numbers. */
export function headOf({ outcome, opened, gone, changed }: ReviewDiff, language: Language): string {
  return `${diffWords[language].outcomes[outcome]}  ${reviewWords[language].diff.summary(opened.length, gone.length, changed.length)}`;
}

export function restOf({ rest }: ReviewDiff, language: Language): string {
  return reviewWords[language].diff.rest(rest);
}

const marks = { "exposure-added": "✘", "no-exposure-added": "✔", inconclusive: "?" } as const;

export function renderReviewDiffText(diff: ReviewDiff, options: DiffTextOptions = {}): string {
  const language = options.language ?? "en";
  const paint = painter(options.color ?? false);
  const width = Math.max(60, options.width ?? 100);
  const blocks = [
    [
      ...hanging(marks[diff.outcome], headOf(diff, language), width),
      ...hanging(" ", `${diff.before.name} → ${diff.after.name}`, width),
    ].join("\n"),
    ...changeLines(diff, language).map(({ mark, title, details }) =>
      [...hanging(mark, title, width), ...details.flatMap((line) => hanging("   ", line, width))].join("\n"),
    ),
    settingLines(diff, language).join("\n"),
    paint("dim", restOf(diff, language)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

export function renderReviewDiffMarkdown(diff: ReviewDiff, { language = "en" }: Pick<DiffTextOptions, "language"> = {}): string {
  const lines = [
    `## ${marks[diff.outcome]} ${escapeMarkdown(headOf(diff, language))}`,
    "",
    `${escapeMarkdown(diff.before.name)} → ${escapeMarkdown(diff.after.name)}`,
    ...changeLines(diff, language).flatMap(({ mark, title, details }) => [
      "",
      `- ${mark} ${escapeMarkdown(title)}`,
      ...details.map((line) => `  - ${escapeMarkdown(line)}`),
    ]),
    "",
    ...settingLines(diff, language).map((line) => `- ${escapeMarkdown(line)}`),
    "",
    escapeMarkdown(restOf(diff, language)),
  ];
  return `${lines.join("\n").replaceAll(/\n{3,}/g, "\n\n")}\n`;
}

export function renderReviewDiffGithub(diff: ReviewDiff): string {
  const told = diff.opened.map((finding) => ({
    level: "error" as const,
    title: `${reviewWords.en.diff.opened}: ${titleOf(finding, "en")}`,
    message: [...destinationLines(finding, "en"), ...causeLines(finding, reviewWords.en, "en")].join("\n"),
    place: placesOf(diff.after, finding)[0],
  }));
  return `${[...annotations(told), headOf(diff, "en")].join("\n")}\n`;
}

export function githubReviewDiffSummary(diff: ReviewDiff): string {
  return shortSummary(renderReviewDiffMarkdown(diff));
}

export function githubReviewDiffOutputs({ outcome, opened, gone, changed }: ReviewDiff): string {
  return [`outcome=${outcome}`, `opened=${opened.length}`, `gone=${gone.length}`, `changed=${changed.length}`]
    .map((line) => `${line}\n`)
    .join("");
}
