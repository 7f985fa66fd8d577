/** Forwards for the policy that would notice when something opens: each states what the server does today. Pure. */

import { holds } from "../../core/interval.ts";
import { portsFrom } from "../../core/port-range.ts";
import type { Unworded } from "../../core/result.ts";
import type { Review, ReviewProposal } from "../../core/review.ts";
import type { JudgedReview } from "./judge-review.ts";
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
      if (!found.has(key)) found.set(key, { as, ssh: example, ...todayOf(today.review, example, principals[0] ?? "") });
    }
  }
  return [...found.values()];
}

/** What the server does today with the request: refuses it, or lets these reach it. */
function todayOf(review: Unworded<Review>, ssh: string, principal: string): Pick<ReviewProposal, "refused" | "reachableFrom"> {
  const { bind, port } = requestOf(ssh);
  const has = (ports: string) => holds(portsFrom(ports), port);
  const answer = review.answers.find(
    ({ request, principals }) =>
      request.kind === "listener" && request.bind === bind && has(request.ports) && principals.includes(principal),
  );
  if (!answer?.granted) return { refused: true, reachableFrom: [] };
  const listeners = [...answer.listeners].sort().join();
  const reach = review.reach.find((each) => [...each.listeners].sort().join() === listeners && has(each.ports));
  const vantages = (reach?.classes ?? []).filter(({ reached }) => reached).map(({ vantage }) => vantage);
  return { refused: false, reachableFrom: [...new Set(vantages)] };
}

/** Of `-R [::1]:8001:localhost:3389` the bind form `[::1]:` and the port 8001. */
function requestOf(ssh: string): { bind: string; port: number } {
  const [, bind = "", port = "0"] = /^-R (.*?)(\d+):[^:]*:\d+$/.exec(ssh) ?? [];
  return { bind, port: Number(port) };
}
