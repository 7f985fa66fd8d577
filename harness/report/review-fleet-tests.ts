/** The reviews of several servers in the formats in which CI systems read tests and problems: names begin with the server's. */
import type { ReviewedServerResult, ReviewFleet } from "../core/review-fleet.ts";
import { faultText } from "./fleet-errors.ts";
import { annotations, shortSummary } from "./github.ts";
import { type JunitSuite, junitText } from "./junit.ts";
import { tidy } from "./places.ts";
import { fleetHead, fleetMark, serverLine } from "./review-fleet-lines.ts";
import { renderReviewFleetMarkdown } from "./review-fleet-markdown.ts";
import { fleetReviewProblems } from "./review-fleet-problems.ts";
import { gitlabText } from "./review-gitlab.ts";
import { reviewSuites, suiteOf } from "./review-junit.ts";
import { headLine } from "./review-lines.ts";
import { reviewedOf } from "./review-places.ts";
import { findingResultsOf, reviewNotifications } from "./review-sarif.ts";
import { warningsOf } from "./review-sensitivity.ts";
import { ofServer } from "./review-server.ts";
import { reviewPoints } from "./review-tap.ts";
import { reviewWords } from "./review-words.ts";
import { sarifText } from "./sarif.ts";
import { type TapPoint, tapText } from "./tap.ts";

const words = reviewWords.en;

export function renderReviewFleetJunit(fleet: ReviewFleet): string {
  return junitText(fleet.servers.flatMap(suitesOf), { file: tidy(fleet.subject), durationMs: fleet.durationMs });
}

function suitesOf(server: ReviewedServerResult): JunitSuite[] {
  const { name, review, error } = server;
  const child = {
    tag: "error" as const,
    type: error?.code ?? "",
    message: serverLine(server, words, "en"),
    text: error ? faultText(error) : "",
  };
  const failed: JunitSuite = {
    name: "forwardlab",
    cases: [{ name: "review", className: "forwardlab.review.run", child, ...(error?.log === undefined ? {} : { output: error.log }) }],
  };
  return review ? reviewSuites({ ...review, server: name }) : [suiteOf(name, failed)];
}

export function renderReviewFleetTap(fleet: ReviewFleet): string {
  const points = fleet.servers.flatMap((server): TapPoint[] => {
    const { name, review, error } = server;
    const failed = {
      ok: false,
      text: serverLine(server, words, "en"),
      ...(error ? { diagnostics: { code: error.code, why: faultText(error) } } : {}),
    };
    return review ? reviewPoints({ ...review, server: name }) : [{ ...failed, text: ofServer(name, failed.text) }];
  });
  const warnings = fleet.servers.flatMap(({ name, review }) => (review ? warningsOf(review) : []).map((warning) => `${name}: ${warning}`));
  return tapText(points, warnings, fleet.outcome === "inconclusive" ? headLine(fleetHead(fleet, words)) : undefined);
}

export function renderReviewFleetSarif(fleet: ReviewFleet): string {
  const found = fleet.servers.flatMap(({ name, review }) =>
    review ? [{ name, reviewed: reviewedOf(review), findings: review.findings }] : [],
  );
  return sarifText({
    tool: fleet.tool,
    category: `forwardlab/review/${tidy(fleet.subject)}/`,
    ...findingResultsOf(found),
    successful: fleet.outcome !== "inconclusive",
    notifications: reviewNotifications(fleetReviewProblems(fleet, words)),
  });
}

export function renderReviewFleetGitlab(fleet: ReviewFleet): string {
  return gitlabText(fleetReviewProblems(fleet, words));
}

export function renderReviewFleetGithub(fleet: ReviewFleet): string {
  return `${[...annotations(fleetReviewProblems(fleet, words)), `${fleetMark(fleet)} ${headLine(fleetHead(fleet, words))}`].join("\n")}\n`;
}

export function githubReviewFleetSummary(fleet: ReviewFleet): string {
  return shortSummary(renderReviewFleetMarkdown(fleet));
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubReviewFleetOutputs({ outcome, counts, servers }: ReviewFleet): string {
  const findings = servers.reduce((sum, { review }) => sum + (review?.findings.length ?? 0), 0);
  return [
    `outcome=${outcome}`,
    `findings=${findings}`,
    ...Object.entries(counts).map(([audience, count]) => `${audience}=${count}`),
    `servers=${servers.length}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
