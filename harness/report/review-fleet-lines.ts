/** Sentences about the reviews of several servers, which their reports share. */
import type { ReviewedServerResult, ReviewFleet } from "../core/review-fleet.ts";
import { faultLineIn } from "./fleet-errors.ts";
import { headMark } from "./review-lines.ts";
import type { ReviewWords } from "./review-word-table.ts";
import type { Language } from "./sentences.ts";
import { cleanLine } from "./words.ts";

export function serverMark({ review }: ReviewedServerResult): "?" | "✔" | "✘" {
  return review ? headMark(review) : "?";
}

export function fleetMark({ outcome, servers }: ReviewFleet): "?" | "✔" | "✘" {
  if (outcome === "inconclusive") return "?";
  return findingsOf(servers) === 0 ? "✔" : "✘";
}

/** What was found of all, without the mark. */
export function fleetHead({ servers }: ReviewFleet, words: ReviewWords): string {
  const unknown = servers.filter(({ review }) => review?.outcome !== "complete").length;
  return words.fleetHead(findingsOf(servers), servers.length, unknown);
}

function findingsOf(servers: ReviewFleet["servers"]): number {
  return servers.reduce((sum, { review }) => sum + (review?.findings.length ?? 0), 0);
}

/** What became of one, in one line. */
export function serverLine({ review, error }: ReviewedServerResult, words: ReviewWords, language: Language = "en"): string {
  return cleanLine(
    review ? words.head(review) : [words.noReview, error ? faultLineIn(error, language) : ""].filter((part) => part !== "").join(": "),
  );
}
