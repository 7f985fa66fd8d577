/** What a line of the user's files is worth, from what became of the changes that were tried on it. */
import type { CoveredLine, ReviewMutation } from "../../core/review.ts";
import type { Worth } from "./word-table.ts";

export interface RatedLine {
  line: number;
  /** Each rule or setting that stands on it. */
  rules: string[];
  worth: Worth;
  mutations: ReviewMutation[];
}

/** The most important first: a line on which several changes were tried has the first that fits. */
const byEffect: readonly [ReviewMutation["effect"], Worth][] = [
  ["opens", "alone"],
  ["moves", "alone"],
  ["closes", "exposes"],
  ["backed-up", "backed-up"],
  ["none", "none"],
  ["refused", "refused"],
];

const byState: Record<CoveredLine["state"], Worth> = { decided: "untried", met: "untried", unmet: "unmet", unrelated: "unrelated" };

/** The lines of one file that were read, in order. */
export function ratedLines(file: string, coverage: readonly CoveredLine[], mutations: readonly ReviewMutation[] | undefined): RatedLine[] {
  const own = [
    ...coverage.filter((each) => each.file === file).map(({ line, rule, state }) => ({ line, rule, state, mutation: undefined })),
    ...(mutations ?? [])
      .filter((each) => each.file === file)
      .map((each) => ({ line: each.line, rule: each.rule, state: undefined, mutation: each })),
  ];
  return [...Map.groupBy(own, ({ line }) => line)]
    .sort(([one], [other]) => one - other)
    .map(([line, group]) => {
      const tried = group.flatMap(({ mutation }) => mutation ?? []);
      const states = group.flatMap(({ state }) => state ?? []);
      const covered = group.filter(({ mutation }) => mutation === undefined).map(({ rule }) => rule);
      return {
        line,
        rules: [...new Set(covered.length > 0 ? covered : tried.map(({ rule }) => rule))],
        worth: worthOf(tried, states),
        mutations: tried,
      };
    });
}

function worthOf(mutations: readonly ReviewMutation[], states: readonly CoveredLine["state"][]): Worth {
  // What nothing ever met has no effect that was seen.
  if (mutations.length === 0 || (states.length > 0 && states.every((state) => state === "unmet")))
    return byState[states.find((state) => state !== "unrelated") ?? "unrelated"];
  return byEffect.find(([effect]) => mutations.some((each) => each.effect === effect))?.[1] ?? "untried";
}
