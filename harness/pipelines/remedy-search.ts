/** Looks for the changes of the user's files that mend one violation: each is tried in the running lab. */
import type { JudgedResult } from "../judgement/judge.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Changes, Trial } from "../judgement/remedies/attach.ts";
import type { Candidate, RemedyInputs } from "../judgement/remedies/candidate.ts";
import { candidatesFor } from "../judgement/remedies/candidates.ts";
import { harmOf, isNone } from "../judgement/remedies/mends.ts";
import type { Stated } from "../judgement/remedies/peers.ts";
import { leftBy } from "../judgement/remedies/remaining.ts";
import type { Violation } from "../judgement/remedies/violations.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { loadChangedPolicy, remedyInputs, undefinedIfRefused } from "./changed-policy.ts";

/** Opens, probes and judges anew, with a changed policy; undefined where the running lab cannot be made to fit it. */
export type Measure = (changed: LoadedPolicy) => Promise<JudgedResult | undefined>;

/** Changes tried in all, and milliseconds after which no further one is begun. */
export interface Limits {
  trials: number;
  ms: number;
}

export type Files = RemedyInputs["files"];

/** Files, and what was seen with them. */
export interface State {
  files: Files;
  loaded: LoadedPolicy;
  result: JudgedResult;
}

export interface Found {
  /** Each for the files as those before it leave them. */
  changes: Changes;
  state: State;
}

export type Tried = Omit<Trial, "found"> & { found?: Found };

/** Measures what becomes of changed files: the same ones once, and not more than the limits allow. */
export class ChangedFiles {
  readonly #policyFile: string;
  readonly #measure: Measure;
  readonly #end: number;
  readonly #known = new Map<string, State | undefined>();
  #left: number;

  constructor(policyFile: string, measure: Measure, limits: Limits) {
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

/** Changes that one remedy may take, and how many are tried on top of others for each violation. */
const most = { changes: 3, onTop: 12 };

/** Changes that did part of it, and what is left to mend. */
interface Step {
  changes: Changes;
  state: State;
  left: Violation;
}

export interface Search {
  /** Called before each change with the name of the forward. */
  onTrial?(forward: string): void;
  lab: ChangedFiles;
  /** Addresses that the user's own files name. */
  stated: Stated;
  /** Where no single change will do, several of which each does part of it. */
  several: boolean;
  /** Changes of these codes are tried first. */
  first?: Changes;
}

/** The fewest changes of these files that mend the violation and do no harm. */
export async function tryEach(violation: Violation, from: State, search: Search): Promise<Tried> {
  const { lab, onTrial } = search;
  const trial: Tried = { violation, tried: 0 };
  const steps: Step[] = [{ changes: [], state: from, left: violation }];
  let onTop = 0;
  for (const { step, candidate } of attempts(steps, search)) {
    const files = applyCandidate(step.state.files, candidate);
    if (step.changes.length > 0) onTop++;
    if (onTop > most.onTop || !lab.mayTry(files)) return { ...trial, cut: true };
    trial.tried++;
    onTrial?.(violation.forward.name);
    const state = await lab.state(files);
    if (!state) continue;
    const changes = [...step.changes, candidate];
    const harm = harmOf(from.result, state.result, violation);
    if (harm && isNone(harm)) return { ...trial, found: { changes, state } };
    if (harm && changes.length === 1) trial.nearest ??= { candidate, harm };
    const left = mayGoOn(changes, search) ? leftBy(from.result, step.state.result, state.result, violation) : undefined;
    if (left) steps.push({ changes, state, left });
  }
  return trial;
}

/** Each change of each step, those that are added in between included. */
function* attempts(steps: readonly Step[], search: Search): Generator<{ step: Step; candidate: Candidate }> {
  for (const step of steps) for (const candidate of candidatesOf(step, search)) yield { step, candidate };
}

function mayGoOn({ length }: Changes, { several }: Search): boolean {
  return several && length < most.changes;
}

function candidatesOf({ left, state: { loaded, files, result } }: Step, { first = [], stated }: Search): readonly Candidate[] {
  const candidates = candidatesFor(left, result, { ...remedyInputs(loaded, left.forward.server), files, stated });
  const isFirst = ({ code }: Candidate) => first.some((other) => other.code === code);
  return [...candidates.filter(isFirst), ...candidates.filter((one) => !isFirst(one))];
}
