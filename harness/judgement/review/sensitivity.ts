/** What each line of defence is worth: what opens and what closes when it is gone, or says something else. Pure. */

import { audiences } from "../../core/audience.ts";
import type { Unworded } from "../../core/result.ts";
import type { ReviewFinding, ReviewMutation } from "../../core/review.ts";
import { allExposures, type JudgedReview } from "./judge-review.ts";
import type { Mutation } from "./mutations.ts";
import { audienceOf, type ClassReach, destinationsOf, lanOf, visitorsOf } from "./reach.ts";
import { principalOf, visitOf } from "./review-input.ts";

type Effect = ReviewMutation["effect"];

/**
 * @param after undefined: the tools refuse the changed files
 * @param decided the line, which is gone now, did decide
 */
export function effectOf(before: JudgedReview, after: JudgedReview | undefined, decided: boolean): Effect {
  if (!after) return "refused";
  const { opens, closes } = difference(before, after);
  if (opens.size > 0) return closes.size > 0 ? "moves" : "opens";
  if (closes.size > 0) return "closes";
  return decided ? "backed-up" : "none";
}

export function difference(before: JudgedReview, after: JudgedReview): { opens: ReadonlySet<string>; closes: ReadonlySet<string> } {
  const [was, is] = [allExposures(before), allExposures(after)];
  return { opens: new Set([...is].filter((each) => !was.has(each))), closes: new Set([...was].filter((each) => !is.has(each))) };
}

/** Findings of the changed server that have something new, the widest first. */
export function newFindings(before: JudgedReview, after: JudgedReview): Unworded<ReviewFinding>[] {
  const { opens } = difference(before, after);
  return after.review.findings
    .filter(({ id }) => after.exposures.get(id)?.some((each) => opens.has(each)))
    .sort((one, other) => audiences.indexOf(one.audience) - audiences.indexOf(other.audience));
}

/** The finding as one about those alone who get something new by it. */
function forNewcomers(finding: Unworded<ReviewFinding>, before: JudgedReview, after: JudgedReview): Unworded<ReviewFinding> {
  const { opens } = difference(before, after);
  const own = (after.exposures.get(finding.id) ?? []).filter((each) => opens.has(each));
  const ids = new Set(own.map(principalOf));
  const accounts = [...new Set(after.review.principals.filter(({ id }) => ids.has(id)).map(({ account }) => account))];
  return {
    ...finding,
    ...(finding.kind === "listener" ? visitorsIn(own, after) : {}),
    accounts,
    params: { ...finding.params, everybody: finding.params.everybody === true && accounts.length === finding.accounts.length },
  };
}

/** Who gets something new of a listener, and how wide that is. */
function visitorsIn(exposures: readonly string[], { sources }: JudgedReview): Partial<Unworded<ReviewFinding>> {
  const visits = exposures.map(visitOf);
  const classes = sources.classes.map((source): ClassReach => {
    const at = visits.flatMap((each) => (each?.vantage === source.vantage && each.family === source.family ? [each.at] : []));
    return { source, reached: at.length > 0, at: [...new Set(at)], missed: [], verdicts: [] };
  });
  const audience = audienceOf({ classes, server: visits.includes(null) }, sources);
  if (!audience) return {};
  return {
    audience,
    code: audience === "server" ? "review-listener-local" : "review-listener-outside",
    visitors: visitorsOf(classes, sources),
    ...lanOf(classes, sources),
    destinations: destinationsOf(classes, sources),
  };
}

export function mutationResult(
  mutation: Mutation,
  before: JudgedReview,
  after: JudgedReview | undefined,
  { decided, noticed }: { decided: boolean; noticed: boolean | null },
): Unworded<ReviewMutation> {
  const { kind, file, line, text, instead } = mutation;
  const effect = effectOf(before, after, decided);
  const found = after
    ? newFindings(before, after)
        .map((finding) => forNewcomers(finding, before, after))
        .sort((one, other) => audiences.indexOf(one.audience) - audiences.indexOf(other.audience))
    : [];
  return {
    change: kind,
    file,
    line,
    rule: text,
    instead,
    effect,
    audience: found[0]?.audience ?? null,
    opens: found.slice(0, 3).map(({ code, params, accounts, ports, listeners, visitors, lan, lans, destinations, audience }) => ({
      code,
      params,
      audience,
      accounts,
      ...(ports === undefined ? {} : { ports }),
      listeners,
      visitors,
      lan,
      lans,
      destinations,
    })),
    closes: after ? difference(before, after).closes.size : 0,
    noticed,
  };
}
