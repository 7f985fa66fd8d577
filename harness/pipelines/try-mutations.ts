/** `review --what-if`: changes each line that could matter, one at a time, and looks what opens, what closes, and whether the policy would notice. */

import type { Unworded } from "../core/result.ts";
import type { Sensitivity } from "../core/review.ts";
import { NftText } from "../firewall/nft-pieces.ts";
import type { JudgedReview } from "../judgement/review/judge-review.ts";
import { type Mutable, type Mutation, mutationsOf, restricts } from "../judgement/review/mutations.ts";
import { proposalsFor } from "../judgement/review/proposals.ts";
import { effectOf, mutationResult } from "../judgement/review/sensitivity.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { usableLogins } from "../policy/run-inputs.ts";
import type { ChangedReview } from "./review-changes.ts";

export interface MutationTrials {
  loaded: LoadedPolicy;
  /** Does the policy state forwards, so that it can notice? */
  stated: boolean;
  judged: JudgedReview;
  changes: ChangedReview;
  /** Does the policy fail with these files? The server has them now. */
  notices(policy: LoadedPolicy): Promise<boolean>;
  onProgress(done: number, of: number): void;
}

export async function tryMutations(trials: MutationTrials): Promise<Unworded<Sensitivity>> {
  const { loaded, stated: hasPolicy, judged, changes, notices, onProgress } = trials;
  const { mutations: all, unchanged } = mutationsOf(mutableOf(loaded), changes.inputs);
  const states = new Map(judged.review.coverage.map(({ file, line, state }) => [`${file}:${line}`, state]));
  const mutations: Unworded<Sensitivity>["mutations"] = [];
  const opened: JudgedReview[] = [];
  for (const [at, mutation] of all.entries()) {
    const stateOf = ({ file, line }: { file: string; line: number }) => states.get(`${file}:${line}`);
    const ruleState = stateOf(mutation.rule ?? mutation);
    const after = await measured(mutation, ruleState === "unmet" || ruleState === "unrelated" ? judged : undefined, changes);
    const decided = stateOf(mutation) === "decided" && mutation.kind === "removed" && restricts(mutation);
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
    notTried: unchanged.map(({ text, ...each }) => ({ ...each, rule: text })),
  };
}

function mutableOf({ inputs: { sshdConfig, firewall, accounts, ipsets } }: LoadedPolicy): Mutable {
  return {
    // What stands on no line of the user's has nothing to change.
    rules: (firewall?.rules ?? []).flatMap(({ line, column, ...rule }) =>
      line === undefined || column === undefined ? [] : [{ ...rule, line, column }],
    ),
    unordered: (firewall?.objects ?? []).flatMap(({ chain, rules, file, line }) =>
      chain !== undefined && rules === undefined && line !== undefined ? [{ chain, file, line }] : [],
    ),
    nft: new Map(
      firewall?.kind === "nft"
        ? Object.values(firewall.files).flatMap(({ display, content, origins, settings }) =>
            origins || settings ? [] : [[display, new NftText(textOf(content))] as const],
          )
        : [],
    ),
    ipsets: ipsets?.display,
    config: sshdConfig.lines,
    logins: accounts.flatMap((account) => usableLogins(account)),
  };
}

/** As the user's files are read when they are changed. */
function textOf(content: string | Uint8Array): string {
  return typeof content === "string" ? content : Buffer.from(content).toString("utf8");
}

/**
 * A rule that no packet has matched changes nothing when it is gone, says something else or matches less: no packet gets there. A chain's policy may
 * stand on a rule's line.
 */
async function measured(
  { edits, rule, matchesMore }: Mutation,
  unmet: JudgedReview | undefined,
  changes: ChangedReview,
): Promise<{ judged: JudgedReview; policy?: LoadedPolicy } | undefined> {
  if (matchesMore) return changes.measure(edits);
  if (unmet && rule?.kind === "rule") return { judged: unmet };
  return changes.measure(edits, rule);
}
