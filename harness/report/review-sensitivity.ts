/** What each line of defence is worth, as titled lists. */
import type { Review, ReviewMutation, ReviewProposal } from "../core/review.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { findingText } from "./review-words.ts";
import type { Language } from "./sentences.ts";

export interface SensitivityList {
  title: string;
  lines: string[];
}

/** Empty where no line was changed. */
export function sensitivityLines({ sensitivity }: Review, words: ReviewWords, language: Language): SensitivityList[] {
  if (!sensitivity) return [];
  const { mutations, score, proposals } = sensitivity;
  const { whatIf } = words;
  const opening = mutations.filter(({ effect }) => effect === "opens" || effect === "moves");
  const places = new Set(opening.map(placeOf));
  const others = (effect: ReviewMutation["effect"]) => [
    ...new Set(
      mutations.filter((each) => each.effect === effect && !places.has(placeOf(each))).map((each) => `${placeOf(each)}  ${each.rule}`),
    ),
  ];
  const backedUp = others("backed-up");
  const without = others("none").filter((line) => !backedUp.includes(line));
  const unnoticed = opening.filter(({ noticed }) => noticed === false);
  const told = (title: string) => `${whatIf.title(mutations.length)} · ${title}`;
  return [
    { title: told(whatIf.alone), lines: opening.map((each) => openingLine(each, words, language)) },
    { title: told(whatIf.backedUp), lines: backedUp },
    { title: told(whatIf.without), lines: without },
    ...(score ? [{ title: whatIf.score(score.noticed, score.of), lines: unnoticed.map((each) => changeText(each, words)) }] : []),
    { title: whatIf.proposals, lines: proposals.flatMap(proposalLines) },
  ];
}

function placeOf({ file, line }: Pick<ReviewMutation, "file" | "line">): string {
  return `${file}:${line}`;
}

function changeText({ rule, instead, ...place }: ReviewMutation, { whatIf }: ReviewWords): string {
  return `${placeOf(place)}  ${rule} → ${instead === "" ? whatIf.removed : instead}`;
}

function openingLine(mutation: ReviewMutation, words: ReviewWords, language: Language): string {
  const [first] = mutation.opens;
  const widest = mutation.audience === null ? "" : words.audience[mutation.audience];
  return `${changeText(mutation, words)}: ${widest}${first ? `  ${findingText(first, language)}` : ""}`;
}

/** As a policy has them. */
function proposalLines({ as, ssh, refused, reachableFrom }: ReviewProposal, at: number): string[] {
  const expected = refused ? "refused_by_server: true" : `reachable_from: [${reachableFrom.join(", ")}]`;
  return [`guard-${at + 1}: { as: ${as}, ssh: "${ssh}", ${expected} }`];
}
