/** Looks for the changes of the user's files that mend a violation, or whatever else is looked for in the same way: each is tried in the running lab. */
import type { JudgedResult } from "../judgement/judge.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Changes, Trial } from "../judgement/remedies/attach.ts";
import type { Candidate, RemedyInputs } from "../judgement/remedies/candidate.ts";
import { candidatesFor } from "../judgement/remedies/candidates.ts";
import { placedIn } from "../judgement/remedies/edits-between.ts";
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

export type Found = NonNullable<Fewest<State>["found"]>;

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

/** Changes that one remedy may take, and how many are tried on top of others for each problem. */
const most = { changes: 3, onTop: 12 };

/** Changes that did part of it, and what is left to mend. */
export interface Step<Seen extends { files: Files }, Left> {
  changes: Changes;
  state: Seen;
  left: Left;
}

/** What a search goes by. */
export interface Looking<Seen extends { files: Files }, Left> {
  /** Where no single change will do, several of which each does part of it. */
  several: boolean;
  /** Changes that may help, likely ones first. */
  candidates(step: Step<Seen, Left>): readonly Candidate[];
  mayTry(files: Files): boolean;
  /** Undefined where the files are refused. */
  look(files: Files): Promise<Seen | undefined>;
  isMended(after: Seen, candidate: Candidate, step: Step<Seen, Left>): boolean;
  /** What is left to mend after a change that did part of it; undefined: it did nothing for it. */
  leftBy(after: Seen, step: Step<Seen, Left>): Left | undefined;
}

export interface Fewest<Seen> {
  tried: number;
  /** The time or the number of trials was used up. */
  cut?: true;
  /** Each for the files as those before it leave them. */
  found?: { changes: Changes; state: Seen };
}

/** The fewest changes of these files that mend it. */
export async function fewestChanges<Seen extends { files: Files }, Left>(
  from: Seen,
  left: Left,
  looking: Looking<Seen, Left>,
): Promise<Fewest<Seen>> {
  const steps: Step<Seen, Left>[] = [{ changes: [], state: from, left }];
  let [tried, onTop] = [0, 0];
  const known = new Set<string>();
  for (const { step, candidate } of attempts(steps, looking)) {
    const files = applyCandidate(step.state.files, candidate);
    // The same changes in another order.
    const key = JSON.stringify(files);
    if (known.has(key)) continue;
    known.add(key);
    if (step.changes.length > 0) onTop++;
    if (onTop > most.onTop || !looking.mayTry(files)) return { tried, cut: true };
    tried++;
    const state = await looking.look(files);
    if (!state) continue;
    const changes = [...step.changes, placedIn(from.files, step.state.files, candidate)];
    if (looking.isMended(state, candidate, step)) return { tried, found: { changes, state } };
    const rest = looking.several && changes.length < most.changes ? looking.leftBy(state, step) : undefined;
    if (rest !== undefined) steps.push({ changes, state, left: rest });
  }
  return { tried };
}

/** Each change of each step, those that are added in between included. */
function* attempts<Seen extends { files: Files }, Left>(
  steps: readonly Step<Seen, Left>[],
  { candidates }: Pick<Looking<Seen, Left>, "candidates">,
): Generator<{ step: Step<Seen, Left>; candidate: Candidate }> {
  for (const step of steps) for (const candidate of candidates(step)) yield { step, candidate };
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
  const { lab, several, onTrial } = search;
  const trial: Tried = { violation, tried: 0 };
  const { tried, cut, found } = await fewestChanges<State, Violation>(from, violation, {
    several,
    candidates: (step) => candidatesOf(step, search),
    mayTry: (files) => lab.mayTry(files),
    look: (files) => {
      onTrial?.(violation.forward.name);
      return lab.state(files);
    },
    isMended: ({ result }, candidate, { changes }) => {
      const harm = harmOf(from.result, result, violation);
      if (harm && isNone(harm)) return true;
      if (harm && changes.length === 0) trial.nearest ??= { candidate, harm };
      return false;
    },
    leftBy: ({ result }, { state }) => leftBy(from.result, state.result, result, violation),
  });
  return { ...trial, tried, ...(cut ? { cut } : {}), ...(found ? { found } : {}) };
}

function candidatesOf(
  { left, state: { loaded, files, result } }: Step<State, Violation>,
  { first = [], stated }: Search,
): readonly Candidate[] {
  const candidates = candidatesFor(left, result, { ...remedyInputs(loaded, left.forward.server), files, stated });
  const isFirst = ({ code }: Candidate) => first.some((other) => other.code === code);
  return [...candidates.filter(isFirst), ...candidates.filter((one) => !isFirst(one))];
}
