/** What the reviews of several servers come to together. Pure. */
import { audiences } from "../../core/audience.ts";
import { type ReviewFleet, reviewFleetVersion } from "../../core/review-fleet.ts";

type Run = Pick<ReviewFleet, "tool" | "subject" | "startedAt" | "durationMs">;

export function reviewFleetOf(servers: ReviewFleet["servers"], run: Run): ReviewFleet {
  const reviews = servers.flatMap(({ review }) => review ?? []);
  const counts = audiences.map((audience) => [audience, reviews.reduce((sum, review) => sum + review.counts[audience], 0)]);
  return {
    schemaVersion: reviewFleetVersion,
    kind: "review-fleet",
    ...run,
    outcome: servers.every(({ review }) => review?.outcome === "complete") ? "complete" : "inconclusive",
    counts: Object.fromEntries(counts),
    servers,
  };
}
