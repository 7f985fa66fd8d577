/** Tries changes of the user's files in the running lab: only what mends a violation and opens nothing is told, as a patch. */

import { cellKey } from "../core/cells.ts";
import type { JudgedResult } from "../judgement/judge.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import { type Trial, withRemedies } from "../judgement/remedies/attach.ts";
import type { Candidate, RemedyInputs } from "../judgement/remedies/candidate.ts";
import { candidatesFor } from "../judgement/remedies/candidates.ts";
import { harmOf, isHarmless } from "../judgement/remedies/mends.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import { type Violation, violationsOf } from "../judgement/remedies/violations.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { remediesPatchText } from "../report/fix-patch.ts";
import { loadChangedPolicy, remedyInputs, undefinedIfRefused } from "./changed-policy.ts";
import { changesOf, shownFolder } from "./combine-remedies.ts";

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
  const lab = new ChangedFiles(inputs.policyFile, measure, limits);
  const user: State = { files: inputs.files, loaded, result: before };
  const trials: Tried[] = [];
  /** With each remedy that was found, on top of those before it. */
  let together = user;
  for (const violation of violationsOf(before)) {
    const trial = await tryEach(violation, user, lab, onTrial);
    trials.push(trial);
    if (trial.found) together = (await addTo(together, violation, trial.found, { user, lab, onTrial })) ?? together;
  }
  // What no single change mends may be mended by another one besides those.
  if (together !== user) together = await mendRest(together, { user, lab, onTrial });
  const { folder, diff } = changesOf(loaded.folder, inputs.files, together.files);
  return {
    result: withRemedies(
      before,
      trials.map((trial) => withPatch(trial, inputs.files)),
    ),
    patch: remediesPatchText({ diff, folder: shownFolder(folder) }),
  };
}

function withPatch({ found, ...trial }: Tried, files: Files): Trial {
  return found ? { ...trial, found: { candidate: found.candidate, patch: asPatch(files, found.state.files) } } : trial;
}

type Files = RemedyInputs["files"];

/** Files, and what was seen with them. */
interface State {
  files: Files;
  loaded: LoadedPolicy;
  result: JudgedResult;
}

interface Found {
  candidate: Candidate;
  state: State;
}

type Tried = Omit<Trial, "found"> & { found?: Found };

/** Measures what becomes of changed files: the same ones once, and not more than the limits allow. */
class ChangedFiles {
  readonly #policyFile: string;
  readonly #measure: RemedyTrials["measure"];
  readonly #end: number;
  readonly #known = new Map<string, State | undefined>();
  #left: number;

  constructor(policyFile: string, measure: RemedyTrials["measure"], limits: NonNullable<RemedyTrials["limits"]>) {
    this.#policyFile = policyFile;
    this.#measure = measure;
    this.#end = Date.now() + limits.ms;
    this.#left = limits.trials;
  }

  mayTry(files: Files): boolean {
    return this.#known.has(JSON.stringify(files)) || (this.#left > 0 && Date.now() <= this.#end);
  }

  /** Undefined where sshd, nft or the policy's own checks refuse them. */
  async state(files: Files): Promise<State | undefined> {
    const key = JSON.stringify(files);
    if (!this.#known.has(key)) {
      this.#left--;
      this.#known.set(key, await this.#look(files).catch(undefinedIfRefused));
    }
    return this.#known.get(key);
  }

  async #look(files: Files): Promise<State | undefined> {
    const loaded = await loadChangedPolicy(files, this.#policyFile);
    const result = await this.#measure(loaded);
    return result && { files, loaded, result };
  }
}

/** The first change of these files that mends the violation and does no harm. */
async function tryEach(
  violation: Violation,
  from: State,
  lab: ChangedFiles,
  onTrial: RemedyTrials["onTrial"],
  first?: Candidate,
): Promise<Tried> {
  const trial: Tried = { violation, tried: 0 };
  const inputs = { ...remedyInputs(from.loaded, violation.forward.server), files: from.files };
  const candidates = candidatesFor(violation, from.result, inputs);
  for (const candidate of first ? [...candidates.filter(like(first)), ...candidates.filter((one) => !like(first)(one))] : candidates) {
    const files = applyCandidate(from.files, candidate);
    if (!lab.mayTry(files)) return { ...trial, cut: true };
    trial.tried++;
    onTrial?.(violation.forward.name);
    const state = await lab.state(files);
    const harm = state && harmOf(from.result, state.result, violation);
    if (!state || !harm) continue;
    if (harm.opens.length + harm.breaks.length === 0) return { ...trial, found: { candidate, state } };
    trial.nearest ??= { candidate, harm };
  }
  return trial;
}

function like({ code }: Candidate): (other: Candidate) => boolean {
  return (other) => other.code === code;
}

interface Combining {
  user: State;
  lab: ChangedFiles;
  onTrial: RemedyTrials["onTrial"];
}

/** The remedy of a violation on top of others: as it is, or the like of it for the lines that those have left. Undefined: it does not go with them. */
async function addTo(
  together: State,
  violation: Violation,
  { candidate, state }: Found,
  { user, lab, onTrial }: Combining,
): Promise<State | undefined> {
  if (together === user) return state;
  const left = remaining(together.result, violation);
  if (!left) return together;
  const { found } = await tryEach(left, together, lab, onTrial, candidate);
  return found && isHarmless(user.result, found.state.result) ? found.state : undefined;
}

async function mendRest(together: State, { user, lab, onTrial }: Combining): Promise<State> {
  let current = together;
  const given = new Set<string>();
  for (;;) {
    const violation = violationsOf(current.result).find((one) => !given.has(nameOf(one)));
    if (!violation) return current;
    given.add(nameOf(violation));
    const { found } = await tryEach(violation, current, lab, onTrial);
    if (found && isHarmless(user.result, found.state.result)) current = found.state;
  }
}

function nameOf({ forward, wants, cells }: Violation): string {
  return JSON.stringify([forward.name, wants, cells.map(cellKey), cells[0]?.decidedBy]);
}

/** What is left of a violation after other changes; undefined: nothing. */
function remaining(result: JudgedResult, { forward, wants, cells }: Violation): Violation | undefined {
  const keys = new Set(cells.map(cellKey));
  return violationsOf(result).find(
    (one) =>
      one.forward.name === forward.name &&
      one.wants === wants &&
      (one.cells.length === 0 ? keys.size === 0 : one.cells.some((cell) => keys.has(cellKey(cell)))),
  );
}
