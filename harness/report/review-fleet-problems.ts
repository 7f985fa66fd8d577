/** Findings, reasons and warnings of several servers, as flat as annotations are. English. */
import type { ReviewFleet } from "../core/review-fleet.ts";
import { faultText } from "./fleet-errors.ts";
import { tidy } from "./places.ts";
import { serverLine } from "./review-fleet-lines.ts";
import { problemOf, type ReviewProblem, reviewProblems } from "./review-problems.ts";
import type { ReviewWords } from "./review-word-table.ts";

/** Of each server by its name, in the order of the policy. English. */
export function fleetReviewProblems({ subject, servers }: ReviewFleet, words: ReviewWords): ReviewProblem[] {
  return servers.flatMap((server) => {
    const { name, review, error } = server;
    const failed: ReviewProblem = {
      rule: "inconclusive",
      level: "warning",
      title: "forwardlab",
      message: [serverLine(server, words, "en"), error ? faultText(error) : ""].filter((part) => part !== "").join("\n"),
      place: { file: tidy(subject), line: 1 },
      identity: [error?.code ?? ""],
    };
    return review ? reviewProblems({ ...review, server: name }) : [problemOf(name, failed)];
  });
}
