/** Forwards for the policy that would notice when something opens: each states what the server does today. Pure. */

import { compareVantages } from "../../core/cells.ts";
import { holds } from "../../core/interval.ts";
import { portsFrom } from "../../core/port-range.ts";
import type { ReviewProposal } from "../../core/review.ts";
import { entriesFor } from "../../core/stated-entries.ts";
import { defaultFrom } from "../../policy/policy.ts";
import type { JudgedReview } from "./judge-review.ts";
import type { ClassWay, SourceIndex } from "./reach.ts";
import { newFindings } from "./sensitivity.ts";

/** Each once: by account, bind form and class of ports. @param opened what the server would expose after changes that open something */
export function proposalsFor(today: JudgedReview, opened: readonly JudgedReview[]): ReviewProposal[] {
  const found = new Map<string, ReviewProposal>();
  for (const after of opened) {
    for (const { kind, accounts, principals, example } of newFindings(today, after)) {
      const [as] = accounts;
      if (kind !== "listener" || as === undefined) continue;
      const { bind, port } = requestOf(example);
      const key = JSON.stringify([as, bind, today.review.ports.findIndex(({ ports }) => holds(portsFrom(ports), port))]);
      if (!found.has(key)) found.set(key, { as, ssh: example, ...todayOf(today, example, principals[0] ?? "") });
    }
  }
  return [...found.values()];
}

/** What the server does today with the request: refuses it, or lets these reach it. */
function todayOf(
  { review, ways, sources }: JudgedReview,
  ssh: string,
  principal: string,
): Pick<ReviewProposal, "refused" | "reachableFrom"> {
  const { bind, port } = requestOf(ssh);
  const has = (ports: string) => holds(portsFrom(ports), port);
  const answer = review.answers.find(
    ({ request, principals }) =>
      request.kind === "listener" && request.bind === bind && has(request.ports) && principals.includes(principal),
  );
  if (!answer?.granted) return { refused: true, reachableFrom: [] };
  const listeners = [...answer.listeners].sort().join();
  const at = review.reach.findIndex((each) => [...each.listeners].sort().join() === listeners && has(each.ports));
  return { refused: false, reachableFrom: reachedFrom(ways[at] ?? [], sources) };
}

/** Entries for every vantage point of a policy. The one that runs ssh is free, and those that the lab made for a class count where they get in. */
function reachedFrom(ways: readonly ClassWay[], sources: SourceIndex): ReviewProposal["reachableFrom"] {
  return [...sources.members()]
    .filter(([vantage]) => vantage !== defaultFrom)
    .sort(([one], [other]) => compareVantages(one, other))
    .flatMap(([vantage, classes]) => {
      const own = classes.flatMap((source) => ways.filter((way) => way.vantage === source.vantage && way.family === source.family));
      return entriesFor(own).map((entry) => (Object.keys(entry).length === 0 ? vantage : { vantage, ...entry }));
    });
}

/** Of `-R [::1]:8001:localhost:3389` the bind form `[::1]:` and the port 8001. */
function requestOf(ssh: string): { bind: string; port: number } {
  const [, bind = "", port = "0"] = /^-R (.*?)(\d+):[^:]*:\d+$/.exec(ssh) ?? [];
  return { bind, port: Number(port) };
}
