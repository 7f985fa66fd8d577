/** `review --what-if`: changes each line that could matter, one at a time, and looks what opens, what closes, and whether the policy would notice. */
import type { Unworded } from "./core/result.ts";
import type { Sensitivity } from "./core/review.ts";
import type { JudgedReview } from "./judgement/review/judge-review.ts";
import { type Mutation, mutationsOf, restricts } from "./judgement/review/mutations.ts";
import { proposalsFor } from "./judgement/review/proposals.ts";
import { effectOf, mutationResult } from "./judgement/review/sensitivity.ts";
import type { LoadedPolicy } from "./policy/load-policy.ts";
import { usableLogins } from "./policy/run-inputs.ts";
import type { ChangedReview } from "./review-changes.ts";

export interface MutationTrials {
  loaded: LoadedPolicy;
  judged: JudgedReview;
  changes: ChangedReview;
  /** Does the policy fail with these files? The server has them now. */
  notices(policy: LoadedPolicy): Promise<boolean>;
  onProgress(done: number, of: number): void;
}

export async function tryMutations({ loaded, judged, changes, notices, onProgress }: MutationTrials): Promise<Unworded<Sensitivity>> {
  const { sshdConfig, firewall, accounts } = loaded.inputs;
  const all = mutationsOf(
    { rules: firewall?.rules ?? [], config: sshdConfig.lines, logins: accounts.flatMap((account) => usableLogins(account)) },
    changes.inputs,
  );
  const states = new Map(judged.review.coverage.map(({ file, line, state }) => [`${file}:${line}`, state]));
  const hasPolicy = Object.keys(loaded.policy.forwards).length > 0;
  const mutations: Unworded<Sensitivity>["mutations"] = [];
  const opened: JudgedReview[] = [];
  for (const [at, mutation] of all.entries()) {
    const state = states.get(`${mutation.file}:${mutation.line}`);
    const after = await measured(mutation, state === "unmet" || state === "unrelated" ? judged : undefined, changes);
    const decided = state === "decided" && mutation.kind === "removed" && restricts(mutation);
    const effect = effectOf(judged, after?.judged, decided);
    const opens = after !== undefined && (effect === "opens" || effect === "moves");
    if (opens) opened.push(after.judged);
    const noticed = opens && hasPolicy && after.policy ? await notices(after.policy) : null;
    mutations.push(mutationResult(mutation, judged, after?.judged, { decided, noticed }));
    onProgress(at + 1, all.length);
  }
  const asked = mutations.filter(({ noticed }) => noticed !== null);
  return {
    mutations,
    score: hasPolicy ? { noticed: asked.filter(({ noticed }) => noticed).length, of: asked.length } : null,
    proposals: proposalsFor(judged, opened),
  };
}

/**
 * A rule that no packet has matched changes nothing when it is gone, or says something else: no packet gets there. A chain's policy may stand on a
 * rule's line, and a rule about all but some can match more without one of these.
 */
async function measured(
  mutation: Mutation,
  unmet: JudgedReview | undefined,
  changes: ChangedReview,
): Promise<{ judged: JudgedReview; policy?: LoadedPolicy } | undefined> {
  if (unmet && mutation.rule?.kind === "rule" && !/!/.test(mutation.rule.text)) return { judged: unmet };
  return changes.measure(mutation.edits, mutation.rule);
}
