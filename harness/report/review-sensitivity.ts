/** What each line of defence is worth, as titled lists. */
import { parseAddress } from "../core/address.ts";
import { audiences } from "../core/audience.ts";
import type { Review, ReviewMutation, ReviewProposal, Sensitivity } from "../core/review.ts";
import { entryTexts } from "./policy-entries.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { findingText } from "./review-words.ts";
import { type Language, sentenceFor } from "./sentences.ts";

export interface SensitivityList {
  title: string;
  lines: string[];
}

/** Empty where no line was changed. */
export function sensitivityLines({ sensitivity }: Review, words: ReviewWords, language: Language): SensitivityList[] {
  if (!sensitivity) return [];
  const { mutations, score, proposals, notTried } = sensitivity;
  const { whatIf } = words;
  const opening = mutations.filter(({ effect }) => effect === "opens" || effect === "moves");
  // A line that exposes something is worth nothing as a defence.
  const places = new Set(mutations.filter(({ effect }) => effect === "opens" || effect === "moves" || effect === "closes").map(lineOf));
  const others = (effect: ReviewMutation["effect"]) => [
    ...new Set(mutations.filter((each) => each.effect === effect && !places.has(lineOf(each))).map(lineOf)),
  ];
  const backedUp = others("backed-up");
  const without = others("none").filter((line) => !backedUp.includes(line));
  const unnoticed = opening.filter(({ noticed }) => noticed === false);
  const number = (...effects: readonly ReviewMutation["effect"][]) => mutations.filter(({ effect }) => effects.includes(effect)).length;
  const counts = {
    opens: number("opens", "moves"),
    closes: number("closes"),
    without: number("none", "backed-up"),
    refused: number("refused"),
  };
  return [
    { title: whatIf.title(mutations.length), lines: [whatIf.counts(counts)] },
    { title: whatIf.alone, lines: worstOfEach(opening).map((each) => openingLine(each, words, language)) },
    { title: whatIf.backedUp, lines: backedUp },
    { title: whatIf.without, lines: without },
    ...(score ? [{ title: whatIf.score(score.noticed, score.of), lines: unnoticed.map((each) => changeText(each, words)) }] : []),
    { title: whatIf.proposals, lines: proposals.flatMap(proposalLines) },
    { title: whatIf.notTried, lines: notTried.map((each) => notTriedLine(each, language)) },
  ];
}

/** One for each line: its widest, removed rather than changed. */
function worstOfEach(opening: readonly ReviewMutation[]): ReviewMutation[] {
  const rank = ({ audience, change }: ReviewMutation) =>
    (audience === null ? audiences.length : audiences.indexOf(audience)) * 2 + (change === "removed" ? 0 : 1);
  return [...Map.groupBy(opening, lineOf).values()].map(
    (group) => group.toSorted((one, other) => rank(one) - rank(other))[0] as ReviewMutation,
  );
}

function placeOf({ file, line }: Pick<ReviewMutation, "file" | "line">): string {
  return `${file}:${line}`;
}

function lineOf(each: Pick<ReviewMutation, "file" | "line" | "rule">): string {
  return `${placeOf(each)}  ${each.rule}`;
}

function notTriedLine(each: Sensitivity["notTried"][number], language: Language): string {
  return `${lineOf(each)}: ${sentenceFor(each, language)}`;
}

/** The review's warnings, and of `--what-if` what was not tried: for formats that have no place for the rest. English. */
export function warningsOf({ warnings, sensitivity }: Pick<Review, "warnings" | "sensitivity">): string[] {
  return [...warnings, ...(sensitivity?.notTried ?? []).map((each) => `--what-if did not try ${notTriedLine(each, "en")}`)];
}

function changeText(mutation: ReviewMutation, { whatIf }: ReviewWords): string {
  const { instead } = mutation;
  return `${lineOf(mutation)} → ${instead === "" ? whatIf.removed : instead}`;
}

function openingLine(mutation: ReviewMutation, words: ReviewWords, language: Language): string {
  const [first] = mutation.opens;
  const widest = mutation.audience === null ? "" : words.audience[mutation.audience];
  return `${changeText(mutation, words)}: ${widest}${first ? `  ${findingText(first, language)}` : ""}`;
}

/** As a policy has them. An address that stands for a class needs a vantage point of its own there. */
function proposalLines({ as, ssh, refused, reachableFrom }: ReviewProposal, at: number): string[] {
  const entries = reachableFrom.map((entry) => (typeof entry === "string" ? { vantage: entry } : entry));
  const texts = entries.flatMap(({ vantage, ...entry }) => entryTexts(vantage, [entry]));
  const expected = refused ? "refused_by_server: true" : `reachable_from: [${texts.join(", ")}]`;
  const lacking = [...new Set(entries.map(({ vantage }) => vantage))].filter((name) => parseAddress(name) !== undefined);
  const comment = lacking.length > 0 ? `  # network.vantages: ${lacking.join(", ")}` : "";
  return [`guard-${at + 1}: { as: ${as}, ssh: "${ssh}", ${expected} }${comment}`];
}
