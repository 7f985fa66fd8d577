/** Lines of a review that several formats share, as plain text. */
import type { DecidedBy } from "../core/result.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import type { Headline, ReviewWords } from "./review-word-table.ts";
import { findingText, requestText, reviewWords } from "./review-words.ts";
import { type Language, sentenceFor, sentencesFor } from "./sentences.ts";
import { cleanLine, placeText } from "./words.ts";

/** Never colour alone. */
export const audienceMarks: Record<ReviewFinding["audience"], string> = {
  internet: "✘",
  networks: "!",
  lan: "!",
  server: "·",
  account: "·",
};

export function headMark({ outcome, findings }: Review): "?" | "✔" | "✘" {
  if (outcome === "inconclusive") return "?";
  return findings.length === 0 ? "✔" : "✘";
}

/** Verdict and summary in one line; on a terminal the verdict stands apart. */
export function headLine({ verdict, summary }: Headline, between: ": " | "  " = ": "): string {
  return [verdict, summary].filter((part) => part !== "").join(between);
}

export function titleOf(finding: ReviewFinding, language: Language): string {
  return cleanLine(findingText(finding, language));
}

export interface CauseParts {
  /** As written in the file. Unset: a sentence says it. */
  rule?: string;
  text: string;
  /** Where it stands; empty where it does in no file. */
  place: string;
  byDefault: boolean;
}

/** What lets it, in order. */
export function causeParts({ decidedBy }: Pick<ReviewFinding, "decidedBy">, language: Language): CauseParts[] {
  return decidedBy.map((cause) => partsOf(cause, language));
}

function partsOf(cause: DecidedBy, language: Language): CauseParts {
  const place = cleanLine(placeText(cause));
  const byDefault = place === "" && cause.params.byDefault === true;
  if (cause.rule === undefined) return { text: cleanLine(sentenceFor(cause, language)), place, byDefault };
  const rule = cleanLine(cause.rule).trim();
  return { rule, text: rule, place, byDefault };
}

/** The same, one line each. */
export function causeLines(finding: Pick<ReviewFinding, "decidedBy">, words: ReviewWords, language: Language): string[] {
  return causeParts(finding, language).map((parts) => lineOf(parts, words));
}

function lineOf({ text, place, byDefault }: CauseParts, words: ReviewWords): string {
  return [text, byDefault ? words.byDefault : place].filter((part) => part !== "").join("  ");
}

/** What was typed. What differs from `sshd -T` is no request. */
export function exampleLine({ kind, example }: Pick<ReviewFinding, "kind" | "example">): string {
  return cleanLine(kind === "settings" ? example : `ssh ${example}`);
}

/** What to change, and what else that removes; empty where nothing is suggested. */
export function fixLine({ remedy }: Pick<ReviewFinding, "remedy">, words: ReviewWords, language: Language): string {
  if (!remedy) return "";
  const also = remedy.also.length > 0 ? words.alsoCloses(remedy.also.length) : "";
  return cleanLine(`${sentencesFor([remedy.summary, ...(remedy.further ?? [])], language)}${also}`);
}

/** Names before the rest is only counted. */
const mostNames = 6;

/**
 * Ids of principals, where they say more than the accounts do. A login with the same outcome from everywhere is listed once, without its origin.
 * @param all those of the review
 */
export function principalNames(
  { principals, accounts }: Pick<ReviewFinding, "principals" | "accounts">,
  all: readonly { id: string }[],
): readonly string[] {
  if (principals.every((id) => accounts.includes(id))) return [];
  const countOf = (ids: readonly string[]) => Map.groupBy(ids, withoutOrigin);
  const known = countOf(all.map(({ id }) => id));
  return [...countOf(principals)].flatMap(([login, ids]) => (ids.length > 1 && ids.length === known.get(login)?.length ? [login] : ids));
}

/** Prefixes stand side by side without blanks. */
function withoutOrigin(id: string): string {
  return id.replace(/ from \S+/, "");
}

/** One line each, the last of many says how many there are besides. */
export function cutLines(lines: readonly string[], words: ReviewWords, most = mostNames): string[] {
  const told = lines.length <= most ? lines : lines.slice(0, most - 1);
  return [...told.map(cleanLine), ...(told.length < lines.length ? [words.more(lines.length - told.length)] : [])];
}

export interface Refused {
  /** The line that refused, or why. */
  by: string;
  /** What: kinds of requests, or logins. */
  what: string;
  /** `by` is a line as it stands in a file. */
  quoted: boolean;
}

/** What was refused, by the line that refused it: requests first, then logins. */
export function refusals({ answers, principals }: Review, words: ReviewWords, language: Language): Refused[] {
  const requests = Map.groupBy(
    answers.filter(({ granted }) => !granted),
    ({ refusedBy }) => JSON.stringify([refusedBy?.code, refusedBy?.rule, refusedBy?.file, refusedBy?.line]),
  );
  const logins = Map.groupBy(
    principals.filter(({ loggedIn }) => !loggedIn),
    ({ refusedBy }) => byLine(refusedBy, words, language),
  );
  return [
    ...[...requests.values()].map((group) => ({
      by: byLine(group[0]?.refusedBy, words, language),
      quoted: group[0]?.refusedBy?.rule !== undefined,
      what: words.requests(group.length, new Set(group.flatMap((each) => each.principals)).size),
    })),
    ...[...logins].map(([by, group]) => {
      const names = group.map(({ id }) => id);
      return {
        by,
        quoted: group[0]?.refusedBy?.rule !== undefined,
        what: cleanLine(words.cannotLogIn(names.slice(0, mostNames), Math.max(0, names.length - mostNames))),
      };
    }),
  ];
}

/** Each kind of request that was refused, and each login, in English: what a tester would call a test that passed. */
export function refusedTests({ answers, principals }: Review): { name: string; by: DecidedBy | null }[] {
  const words = reviewWords.en;
  return [
    ...answers
      .filter(({ granted }) => !granted)
      .map(({ request, principals: who, refusedBy }) => ({
        name: cleanLine(`${requestText(request, words)}: refused to ${shortList(who, words)}`),
        by: refusedBy,
      })),
    ...principals
      .filter(({ loggedIn }) => !loggedIn)
      .map(({ id, refusedBy }) => ({ name: cleanLine(words.cannotLogIn([id], 0)), by: refusedBy })),
  ];
}

export function shortList(names: readonly string[], words: ReviewWords): string {
  return words.list(names.slice(0, mostNames), Math.max(0, names.length - mostNames));
}

/** The line that refused, or why. */
export function refusedBy(of: { refusedBy: DecidedBy | null }, words: ReviewWords, language: Language): string {
  return byLine(of.refusedBy, words, language);
}

/** A sentence without its stop: something follows. */
function byLine(cause: DecidedBy | null | undefined, words: ReviewWords, language: Language): string {
  return cause ? lineOf(partsOf(cause, language), words).replace(/[.。]$/, "") : words.noReason;
}

/** Prefixes told before they are only counted. */
const mostPrefixes = 3;

/** Addresses that nothing stands for, one line for each reason. */
export function notProbedLines({ sources }: Review, words: ReviewWords): string[] {
  return [...Map.groupBy(sources.uncovered, ({ because }) => because)].map(([because, group]) => {
    const all = group.flatMap(({ prefixes }) => prefixes);
    return words.notProbed(because, words.list(all.slice(0, mostPrefixes), Math.max(0, all.length - mostPrefixes)));
  });
}

/** Published baselines that ask for the same, each once. */
export function baselines({ findings }: Review): string[] {
  return [...new Set(findings.flatMap(({ references }) => references.map(({ standard, item }) => cleanLine(`${standard}, ${item}`))))];
}

/** What it was made with, in one line. */
export function footLine(review: Review, words: ReviewWords): string {
  const { openssh, durationMs } = review.provenance;
  const parts = [openssh?.server, words.agreement(review), durationMs === undefined ? "" : `${(durationMs / 1000).toFixed(1)} s`];
  return cleanLine(parts.filter(Boolean).join(" · "));
}
