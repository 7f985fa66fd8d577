/** What keeps a goal from being reached, in both languages: who, and what decided there. Pure. */
import type { GoalCheck, Text } from "../../core/lesson.ts";
import type { ResultCell } from "../../core/result.ts";
import { type Language, sentenceFor } from "../../report/sentences.ts";
import { placeText } from "../../report/words.ts";

/** Undefined when all is as wanted. */
export function hintOf(checks: readonly GoalCheck[]): Text | undefined {
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return undefined;
  // Mostly one thing keeps several of them out.
  const inLanguage = (language: Language) => {
    const bySentence = Map.groupBy(failed, (check) => sentenceOf(check, language));
    return [...bySentence].map(([sentence, all]) => `${all.map(({ vantage }) => vantage).join(", ")}: ${sentence}`).join("\n");
  };
  return { en: inLanguage("en"), ja: inLanguage("ja") };
}

function sentenceOf(check: GoalCheck, language: Language): string {
  const cell = tellingCell(check);
  const cause = cell?.decidedBy ?? cell?.unproven;
  if (!cause) return verdictWords[language](check);
  const place = placeText(cause);
  return `${sentenceFor(cause, language)}${place === "" ? "" : ` (${place})`}`;
}

const verdictWords: Record<Language, (check: GoalCheck) => string> = {
  en: ({ observed }) => `observed: ${observed}.`,
  ja: ({ observed }) => `観測結果: ${observed}。`,
};

/** Of who is to get in, an address where it does not; of who is not, one where it does, or where nothing is proven. */
function tellingCell({ wanted, cells }: GoalCheck): ResultCell | undefined {
  if (wanted) return cells.find(({ observed }) => observed !== "reached");
  return cells.find(({ observed }) => observed === "reached") ?? cells.find(({ observed }) => observed === "inconclusive") ?? cells[0];
}
