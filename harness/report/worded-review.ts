/** A judged review with its sentences. English, as in results: pages translate by the codes. */
import type { Unworded } from "../core/result.ts";
import type { Review, ReviewFinding, Sensitivity } from "../core/review.ts";
import { toldAdaptations } from "./adaptations.ts";
import { findingText } from "./review-words.ts";
import { toldWarnings } from "./warnings.ts";
import { withText } from "./worded.ts";

export function wordedReview(review: Unworded<Review>): Review {
  return {
    ...review,
    provenance: toldAdaptations(review.provenance),
    reasons: review.reasons.map(withText),
    principals: review.principals.map(({ refusedBy, ...principal }) => ({ ...principal, refusedBy: refusedBy && withText(refusedBy) })),
    answers: review.answers.map(({ refusedBy, ...answer }) => ({ ...answer, refusedBy: refusedBy && withText(refusedBy) })),
    reach: review.reach.map(({ decidedBy, ...reach }) => ({ ...reach, decidedBy: decidedBy.map(withText) })),
    findings: review.findings.map(worded),
    ...toldWarnings(review.warningDetails),
    ...(review.sensitivity ? { sensitivity: wordedSensitivity(review.sensitivity) } : {}),
  } as Review;
}

function worded({ decidedBy, remedy, ...finding }: Unworded<ReviewFinding>): ReviewFinding {
  return {
    ...finding,
    text: findingText(finding, "en"),
    decidedBy: decidedBy.map(withText),
    ...(remedy ? { remedy: wordedRemedy(remedy) } : {}),
  } as ReviewFinding;
}

function wordedRemedy({ summary, further, ...remedy }: NonNullable<Unworded<ReviewFinding>["remedy"]>) {
  return { summary: withText(summary), ...(further ? { further: further.map(withText) } : {}), ...remedy };
}

function wordedSensitivity(sensitivity: Unworded<Sensitivity>): Sensitivity {
  const mutations = sensitivity.mutations.map(({ opens, ...mutation }) => ({
    ...mutation,
    opens: opens.map((each) => ({ ...each, text: findingText(each, "en") })),
  }));
  return { ...sensitivity, mutations, notTried: sensitivity.notTried.map(withText) };
}
