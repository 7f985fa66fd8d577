/** Sentences about the reviews of several servers, which their reports share. */
import type { ReviewedServerResult, ReviewFleet } from "../core/review-fleet.ts";
import { faultLineIn } from "./fleet-errors.ts";
import { headLine, headMark } from "./review-lines.ts";
import type { Headline, ReviewWords } from "./review-word-table.ts";
import type { Language } from "./sentences.ts";
import { cleanLine } from "./words.ts";

export function serverMark({ review }: ReviewedServerResult): "?" | "✔" | "✘" {
  return review ? headMark(review) : "?";
}

export function fleetMark({ outcome, servers }: ReviewFleet): "?" | "✔" | "✘" {
  if (outcome === "inconclusive") return "?";
  return findingsOf(servers) === 0 ? "✔" : "✘";
}

/** What was found of all. */
export function fleetHead({ servers }: ReviewFleet, words: ReviewWords): Headline {
  const unknown = servers.filter(({ review }) => review?.outcome !== "complete").length;
  return words.fleetHead(findingsOf(servers), servers.length, unknown);
}

function findingsOf(servers: ReviewFleet["servers"]): number {
  return servers.reduce((sum, { review }) => sum + (review?.findings.length ?? 0), 0);
}

/** What became of one. */
export function serverHead({ review, error }: ReviewedServerResult, words: ReviewWords, language: Language): Headline {
  return review ? words.head(review) : { verdict: words.noReview, summary: error ? faultLineIn(error, language) : "" };
}

/** The same in one line. */
export function serverLine(server: ReviewedServerResult, words: ReviewWords, language: Language): string {
  return cleanLine(headLine(serverHead(server, words, language)));
}
