/** Tries changes of the user's files in the running lab: only what mends a violation and opens nothing is told, as a patch. */

import type { JudgedResult } from "../judgement/judge.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import { type Trial, withRemedies } from "../judgement/remedies/attach.ts";
import type { Candidate } from "../judgement/remedies/candidate.ts";
import { candidatesFor } from "../judgement/remedies/candidates.ts";
import { harmOf, mends } from "../judgement/remedies/mends.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import { type Violation, violationsOf } from "../judgement/remedies/violations.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { remediesPatchText } from "../report/fix-patch.ts";
import { loadChangedPolicy, remedyInputs, undefinedIfRefused } from "./changed-policy.ts";
import { combinedPatch, shownFolder } from "./combine-remedies.ts";

export interface RemedyTrials {
  loaded: LoadedPolicy;
  /** What was seen with the user's own files. */
  before: JudgedResult;
  /** Opens, probes and judges anew, with a changed policy; undefined where the running lab cannot be made to fit it. */
  measure(changed: LoadedPolicy): Promise<JudgedResult | undefined>;
  /** Called before each change with the name of the forward. */
  onTrial?(forward: string): void;
  /** Changes tried in all, and milliseconds after which no further one is begun. */
  limits?: { trials: number; ms: number };
}

const defaultLimits = { trials: 40, ms: 180_000 };

export interface Remedied {
  result: JudgedResult;
  /** The remedies that work together, as one patch; empty when there is none. */
  patch: string;
}

export async function tryRemedies({ loaded, before, measure, onTrial, limits = defaultLimits }: RemedyTrials): Promise<Remedied> {
  const inputs = remedyInputs(loaded);
  const { files, policyFile } = inputs;
  const end = Date.now() + limits.ms;
  let left = limits.trials;
  /** A change that fixes several violations is measured once. */
  const known = new Map<string, JudgedResult | undefined>();
  const measured = async (candidates: readonly Candidate[]): Promise<JudgedResult | undefined> => {
    const edits = candidates.flatMap((candidate) => candidate.edits);
    const key = JSON.stringify(edits);
    if (!known.has(key)) {
      left--;
      const changed = loadChangedPolicy(applyCandidate(files, { code: "", params: {}, edits }), policyFile);
      known.set(key, await changed.then(measure).catch(undefinedIfRefused));
    }
    return known.get(key);
  };
  /** True when the changes mend all of these, and open and break nothing. */
  const holds = async (candidates: readonly Candidate[], violations: readonly Violation[]): Promise<boolean> => {
    const changed = await measured(candidates);
    return changed !== undefined && violations.every((violation) => mends(before, changed, violation));
  };
  const trials: Trial[] = [];
  const together: { candidate: Candidate; violation: Violation }[] = [];
  for (const violation of violationsOf(before)) {
    const trial: Trial = { violation, tried: 0 };
    trials.push(trial);
    for (const candidate of candidatesFor(violation, before, remedyInputs(loaded, violation.forward.server))) {
      if (!known.has(JSON.stringify(candidate.edits)) && (left <= 0 || Date.now() > end)) {
        trial.cut = true;
        break;
      }
      trial.tried++;
      onTrial?.(violation.forward.name);
      const changed = await measured([candidate]);
      const harm = changed && harmOf(before, changed, violation);
      if (!harm) continue;
      if (harm.opens.length + harm.breaks.length > 0) {
        trial.nearest ??= { candidate, harm };
        continue;
      }
      trial.found = { candidate, patch: asPatch(files, applyCandidate(files, candidate)) };
      const all = [...together, { candidate, violation }];
      const alone = together.length === 0 || together.every((each) => sameEdits(each.candidate, candidate));
      if (
        alone ||
        (await holds(
          distinct(all),
          all.map((each) => each.violation),
        ))
      )
        together.push({ candidate, violation });
      break;
    }
  }
  const edits = distinct(together).flatMap((candidate) => candidate.edits);
  const { folder, diff } = combinedPatch(loaded.folder, files, edits);
  return { result: withRemedies(before, trials), patch: remediesPatchText({ diff, folder: shownFolder(folder) }) };
}

/** One change may mend several violations. */
function distinct(found: readonly { candidate: Candidate }[]): Candidate[] {
  return found.map(({ candidate }) => candidate).filter((one, at, all) => all.findIndex((other) => sameEdits(one, other)) === at);
}

function sameEdits(one: Candidate, other: Candidate): boolean {
  return JSON.stringify(one.edits) === JSON.stringify(other.edits);
}
