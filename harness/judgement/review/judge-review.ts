/** From all that a review's session saw to its result: findings, ranked and merged, and what was refused. Pure. */

import { type Audience, audiences } from "../../core/audience.ts";
import { portsText } from "../../core/port-range.ts";
import type { Cause } from "../../core/reason.ts";
import type { Unworded } from "../../core/result.ts";
import { type Review, type ReviewFinding, type ReviewPrincipal, type ReviewReach, reviewVersion } from "../../core/review.ts";
import { listenerKey, type PrincipalFacts } from "../../core/review-facts.ts";
import { warningsAbout } from "../../core/warning.ts";
import { unknownBindName } from "../refusal-reasons.ts";
import { selfCheckFault } from "../self-check-fault.ts";
import { placeOf } from "../settings.ts";
import { refusalReason, reviewAnswers } from "./answers.ts";
import { channelFindings } from "./channel-findings.ts";
import { listenerFindings, ruleLetsIn } from "./listener-findings.ts";
import { type ClassWay, type ListenerReach, listenerReach, SourceIndex } from "./reach.ts";
import type { Exposure, Found, ReviewInput } from "./review-input.ts";
import { settingsFindings } from "./settings-findings.ts";
import { targetFindings } from "./target-findings.ts";

/** A review that `report/` has yet to put into words, and what it comes down to. */
export interface JudgedReview {
  review: Unworded<Review>;
  /** By finding. */
  exposures: ReadonlyMap<string, readonly Exposure[]>;
  /** By place in `review.reach`: what was seen from where. */
  ways: readonly (readonly ClassWay[])[];
  sources: SourceIndex;
}

export function allExposures({ exposures }: JudgedReview): ReadonlySet<Exposure> {
  return new Set([...exposures.values()].flat());
}

export function judgeReview(input: ReviewInput): JudgedReview {
  const observations = Map.groupBy(input.observations, ({ cell }) => cell.forward);
  const sources = new SourceIndex(input.sources, input.spec);
  const reach = new Map(
    input.representatives.map((each) => [
      listenerKey(each.listeners, each.portClass, each.account),
      listenerReach(observations.get(each.forward) ?? [], sources, input.spec),
    ]),
  );
  const reachOfKind = ({ listeners, portClass, account }: ReviewInput["representatives"][number]) =>
    reach.get(listenerKey(listeners, portClass, account)) as ListenerReach;
  const broken = selfCheckFault(input.provenance);
  const reasons = [
    ...(broken ? [broken] : []),
    ...input.doubts,
    ...[...reach.values()].flatMap(({ unproven }) => unproven),
    ...unknownNames(input),
    ...differing(input),
  ];
  const found = distinctIds([
    ...listenerFindings(input, reach, sources),
    ...channelFindings(input, sources),
    ...targetFindings(input),
    ...settingsFindings(input),
  ]);
  const findings = found.map(({ finding }) => finding).sort(byRank);
  const review: Unworded<Review> = {
    schemaVersion: reviewVersion,
    kind: "review",
    tool: input.tool,
    subject: input.subject,
    ...(input.server === undefined ? {} : { server: input.server }),
    outcome: reasons.length > 0 ? "inconclusive" : "complete",
    reasons: reasons.map(({ code, params }) => ({ code, params })),
    counts: Object.fromEntries(
      audiences.map((audience) => [audience, findings.filter((each) => each.audience === audience).length]),
    ) as Record<Audience, number>,
    provenance: input.provenance,
    sources: input.sources,
    ports: input.ports.map(({ ranges, asked }) => ({ ports: portsText(ranges), asked })),
    principals: input.principals.map(principalOf),
    answers: reviewAnswers(input),
    reach: input.representatives.map((each) => reachOf(each, reachOfKind(each), input)),
    findings,
    coverage: input.coverage,
    agreement: {
      asked: input.repeated.length,
      differing: input.repeated.flatMap(({ principal, ssh, differs }) =>
        differs === undefined ? [] : [`${principal}: ssh ${ssh}: ${differs}`],
      ),
    },
    warningDetails: warningsAbout(input.warnings),
  };
  return {
    review,
    exposures: new Map(found.map(({ finding, exposures }) => [finding.id, exposures])),
    ways: input.representatives.map((each) => reachOfKind(each).ways),
    sources,
  };
}

/** Findings of one cause that are about different accounts or ports are distinguished by the accounts, and then by their order. */
function distinctIds(found: readonly Found[]): Found[] {
  const named = (all: readonly Found[], more: (one: Found, at: number) => string) =>
    [...Map.groupBy(all, ({ finding }) => finding.id).values()].flatMap((group) =>
      group.length === 1
        ? group
        : group.map((one, at) => ({ ...one, finding: { ...one.finding, id: `${one.finding.id}-${more(one, at)}` } })),
    );
  const byAccounts = named(found, ({ finding }) => finding.accounts.join("+"));
  return named(byAccounts, (_, at) => String(at + 1));
}

/** Names that PermitListen has, and that the lab cannot give sshd an address for: it may listen there. */
function unknownNames({ principals, spec }: ReviewInput): Cause[] {
  const names = principals.flatMap(({ listens }) => listens.flatMap((answer) => unknownBindName(answer, spec) ?? []));
  return [...new Set(names)].map((name) => ({ code: "review-bind-name-unknown", params: { name } }));
}

/** What came out otherwise with an ssh of its own puts all other answers in doubt. */
function differing({ repeated }: ReviewInput): Cause[] {
  return repeated.flatMap(({ principal, ssh, differs }) =>
    differs === undefined ? [] : [{ code: "review-answers-differ", params: { principal, ssh, differs } }],
  );
}

/** Widest audience first, then most accounts. */
function byRank(one: Unworded<ReviewFinding>, other: Unworded<ReviewFinding>): number {
  return (
    audiences.indexOf(one.audience) - audiences.indexOf(other.audience) ||
    kinds.indexOf(one.kind) - kinds.indexOf(other.kind) ||
    other.principals.length - one.principals.length ||
    (one.id < other.id ? -1 : 1)
  );
}

const kinds: readonly ReviewFinding["kind"][] = ["listener", "socket", "x11", "tunnel", "target", "agent", "settings"];

function principalOf({
  id,
  account,
  options,
  place,
  certificate,
  from,
  to,
  vantage,
  refusedBy,
  settings,
}: PrincipalFacts): Unworded<ReviewPrincipal> {
  return {
    id,
    account,
    login: { options, ...place, certificate },
    from,
    ...(to ? { to: { addresses: to.addresses, ports: to.ports } } : {}),
    vantage,
    loggedIn: vantage !== null,
    refusedBy: vantage === null ? refusalReason(refusedBy) : null,
    settings: settings.map(({ keyword, value, ...at }) => ({ keyword, value, ...placeOf(at) })),
  };
}

function reachOf(
  { listeners, portClass, principal, ssh }: ReviewInput["representatives"][number],
  reach: ListenerReach,
  { ports }: ReviewInput,
): Unworded<ReviewReach> {
  return {
    listeners,
    ports: portsText(ports[portClass]?.ranges ?? []),
    example: ssh,
    principal,
    classes: reach.classes.map(({ source, reached, verdicts }) => ({ family: source.family, vantage: source.vantage, reached, verdicts })),
    server: reach.server,
    decidedBy: [...reach.admissions.map(ruleLetsIn), ...reach.blockers],
  };
}
