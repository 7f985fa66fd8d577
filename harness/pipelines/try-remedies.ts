/** Tries changes of the user's files in the running lab: only what mends a violation and opens nothing is told, as a patch. */

import { cellKey } from "../core/cells.ts";
import type { JudgedResult } from "../judgement/judge.ts";
import { type Trial, withRemedies } from "../judgement/remedies/attach.ts";
import { isHarmless } from "../judgement/remedies/mends.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import { chosenIn, statedIn } from "../judgement/remedies/peers.ts";
import { remaining, stillKeptOut } from "../judgement/remedies/remaining.ts";
import { type Violation, violationsOf } from "../judgement/remedies/violations.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { remediesPatchText } from "../report/fix-patch.ts";
import { remedyInputs } from "./changed-policy.ts";
import { changesOf, shownFolder } from "./combine-remedies.ts";
import {
  ChangedFiles,
  type Files,
  type Found,
  type Limits,
  type Measure,
  type Search,
  type State,
  type Tried,
  tryEach,
} from "./remedy-search.ts";

export interface RemedyTrials extends Pick<Search, "onTrial"> {
  loaded: LoadedPolicy;
  /** What was seen with the user's own files. */
  before: JudgedResult;
  measure: Measure;
  limits?: Limits;
}

const defaultLimits = { trials: 40, ms: 180_000 };

export interface Remedied {
  result: JudgedResult;
  /** The remedies that work together, as one patch; empty when there is none. */
  patch: string;
}

export async function tryRemedies({ loaded, before, measure, onTrial, limits = defaultLimits }: RemedyTrials): Promise<Remedied> {
  const inputs = remedyInputs(loaded);
  const lab = new ChangedFiles(inputs.policyFile, measure, limits);
  const stated = statedIn(inputs.files);
  const user: State = { files: inputs.files, loaded, result: before };
  const violations = violationsOf(before);
  const trials = new Map<Violation, Tried>();
  /** With each remedy that was found, on top of those before it. */
  let together = user;
  // Single changes for each of them, before time is spent on several for one.
  for (const several of [false, true]) {
    const search = { lab, onTrial, several, stated };
    for (const violation of violations.filter((one) => !trials.get(one)?.found)) {
      const trial = await tryEach(violation, user, search);
      trials.set(violation, trial);
      if (trial.found) together = (await addTo(together, violation, trial.found, user, search)) ?? together;
    }
    // What a change does not mend alone, it may besides those.
    if (together !== user) together = await mendRest(together, user, search);
  }
  const { folder, diff } = changesOf(loaded.folder, inputs.files, together.files);
  return {
    result: withRemedies(
      before,
      violations.flatMap((violation) => trials.get(violation) ?? []).map((trial) => withPatch(trial, inputs.files)),
    ),
    patch: remediesPatchText({ diff, folder: shownFolder(folder), chosen: chosenIn(diff, before, stated) }),
  };
}

function withPatch({ found, ...trial }: Tried, files: Files): Trial {
  if (!found) return trial;
  const { changes, state } = found;
  return {
    ...trial,
    found: { changes, patch: asPatch(files, state.files), stillKeptOut: stillKeptOut(trial.violation, state.result) },
  };
}

/** The remedy of a violation on top of others: as it is, or the like of it for the lines that those have left. Undefined: it does not go with them. */
async function addTo(
  together: State,
  violation: Violation,
  { changes, state }: Found,
  user: State,
  search: Search,
): Promise<State | undefined> {
  if (together === user) return state;
  const left = remaining(together.result, violation);
  if (!left) return together;
  const { found } = await tryEach(left, together, { ...search, first: changes });
  return found && isHarmless(user.result, found.state.result) ? found.state : undefined;
}

async function mendRest(together: State, user: State, search: Search): Promise<State> {
  let current = together;
  const given = new Set<string>();
  for (;;) {
    const violation = violationsOf(current.result).find((one) => !given.has(nameOf(one)));
    if (!violation) return current;
    given.add(nameOf(violation));
    const { found } = await tryEach(violation, current, search);
    if (found && isHarmless(user.result, found.state.result)) current = found.state;
  }
}

function nameOf({ forward, wants, cells }: Violation): string {
  return JSON.stringify([forward.name, wants, cells.map(cellKey), cells[0]?.decidedBy]);
}
