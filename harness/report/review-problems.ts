/** A review's findings, as flat as annotations are, with a stable name for each kind and audience. English. */
import type { Audience } from "../core/audience.ts";
import type { FindingKind, Review, ReviewFinding } from "../core/review.ts";
import type { FilePlace } from "./places.ts";
import { type CauseParts, causeParts, exampleLine, fixLine, titleOf } from "./review-lines.ts";
import { placeOfWarning, placesOf, type Reviewed, reviewedOf } from "./review-places.ts";
import { warningsOf } from "./review-sensitivity.ts";
import { ofServer } from "./review-server.ts";
import { destinationLines, reviewWords } from "./review-words.ts";

export type ReviewLevel = "error" | "warning" | "notice";

export interface ReviewProblem {
  /** Stable name, e.g. `listener-internet`. */
  rule: string;
  level: ReviewLevel;
  title: string;
  message: string;
  place: FilePlace;
  /** What makes it the same problem in another run. */
  identity: string[];
  /** Unset: a reason for no verdict, or a warning. */
  finding?: ReviewFinding;
}

export const levels: Record<Audience, ReviewLevel> = {
  internet: "error",
  networks: "error",
  lan: "warning",
  server: "notice",
  account: "notice",
};

const kinds: Record<FindingKind, string> = {
  listener: "A port that an account can open",
  socket: "A Unix socket that an account can open",
  target: "Targets that an account can reach through the server",
  tunnel: "A tunnel that an account can open",
  x11: "An X11 display that an account can have forwarded",
  agent: "An ssh agent that an account can have forwarded",
  settings: "Settings that are wider than `sshd -T` shows",
};
const whose: Record<Audience, string> = {
  internet: "reachable from the internet",
  networks: "reachable from networks that the firewall names",
  lan: "reachable from the server's LAN",
  server: "reachable by other accounts of the server",
  account: "for the account itself",
};

export function ruleOf({ kind, audience }: Pick<ReviewFinding, "kind" | "audience">): string {
  return `${kind}-${audience}`;
}

/** Without a full stop. */
export function ruleText({ kind, audience }: Pick<ReviewFinding, "kind" | "audience">): string {
  return `${kinds[kind]}, ${whose[audience]}`;
}

/** Sentence, cause and fix in one paragraph. */
export function findingMessage(finding: ReviewFinding): string {
  const words = reviewWords.en;
  const fix = fixLine(finding, words, "en");
  const at = destinationLines(finding, "en");
  return [
    titleOf(finding, "en"),
    ...(at.length > 0 ? [`Reached at ${at.join("; ")}.`] : []),
    `Allowed by: ${causeParts(finding, "en").map(causeText).join("; ")}.`,
    `Example: \`${exampleLine(finding)}\`.`,
    ...(fix === "" ? [] : [`Fix: ${fix}.`]),
  ].join(" ");
}

function causeText({ rule, text, place, byDefault }: CauseParts): string {
  const what = rule === undefined ? text.replace(/\.$/, "") : `\`${rule}\``;
  const where = byDefault ? "the default" : place;
  return where === "" ? what : `${what} (${where})`;
}

export function findingProblem(reviewed: Reviewed, finding: ReviewFinding): ReviewProblem {
  return {
    rule: ruleOf(finding),
    level: levels[finding.audience],
    title: ruleText(finding),
    message: findingMessage(finding),
    place: placesOf(reviewed, finding)[0],
    identity: [finding.id],
    finding,
  };
}

/** Findings, widest audience first; then what could not be proven, and the warnings. */
export function reviewProblems(review: Review): ReviewProblem[] {
  const reviewed = reviewedOf(review);
  const details = new Map((review.warningDetails ?? []).map((each) => [each.text, each]));
  const told = (rule: string, message: string): ReviewProblem => ({
    rule,
    level: "warning",
    title: "forwardlab",
    message,
    place: placeOfWarning(reviewed, details.get(message) ?? {}),
    identity: [message],
  });
  const problems = [
    ...review.findings.map((finding) => findingProblem(reviewed, finding)),
    ...review.reasons.map(({ text }) => told("inconclusive", text)),
    ...warningsOf(review).map((text) => told("warning", text)),
  ];
  return problems.map((problem) => problemOf(review.server, problem));
}

/** The same problem of two servers is two. */
export function problemOf(server: string | undefined, problem: ReviewProblem): ReviewProblem {
  if (server === undefined) return problem;
  const { title, message, identity } = problem;
  return { ...problem, title: ofServer(server, title), message: ofServer(server, message), identity: [server, ...identity] };
}
