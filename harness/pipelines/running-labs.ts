/** Labs that stay for policies that come one after the other: those of the same network take turns in one, and as many run at once as the machine bears. */
import { availableParallelism, freemem } from "node:os";
import { UserError } from "../core/errors.ts";
import type { Result } from "../core/result.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { failureOf, faultOfOne } from "../session/failure.ts";
import { policySpec, sameLab, sameNetwork } from "../session/policy-lab.ts";
import { type SharedLab, shareLab, type VerifyOptions } from "./verify.ts";

export type LabOptions = Omit<VerifyOptions, "shard" | "keep" | "onPatch">;

/** A result, or the error that the policy's own files are to blame for. */
export type Verified = { result: Result; error: null } | { result: null; error: UserError };

/** Told of each policy as soon as it is known. */
type OnVerified = (policy: LoadedPolicy, verified: Verified) => void;

/** Bytes of memory that a lab takes, generously. */
const labBytes = 400 * 2 ** 20;

interface Running {
  lab: SharedLab;
  busy: boolean;
}

export class RunningLabs implements AsyncDisposable {
  readonly #options: LabOptions;
  readonly #most: number;
  /** The one that has not been used for longest is the first. */
  readonly #labs: Running[] = [];
  #started = 0;
  #starting = 0;

  /** @param most labs at once; left out: as many as the machine has processors and memory for */
  constructor(options: LabOptions, most?: number) {
    this.#options = options;
    this.#most = most ?? Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / labBytes)));
  }

  /** How many were started so far. */
  get started(): number {
    return this.#started;
  }

  /** @throws what is no policy's own fault: it ends the labs */
  async verify(policies: readonly LoadedPolicy[], told: OnVerified): Promise<void> {
    const queues = new Map<Running, LoadedPolicy[]>();
    const others: LoadedPolicy[] = [];
    for (const policy of policies) {
      const queueOf = (running: Running) => queues.get(running) ?? [];
      const fitting = this.#labs.filter(({ lab }) => fits(lab, policy));
      const [least] = fitting.toSorted((one, other) => queueOf(one).length - queueOf(other).length);
      if (least) queues.set(least, [...queueOf(least), policy]);
      else others.push(policy);
    }
    for (const running of queues.keys()) {
      running.busy = true;
      this.#labs.push(...this.#labs.splice(this.#labs.indexOf(running), 1));
    }
    const jobs = [
      ...[...queues].map(([running, queue]) => ({ running, queue })),
      ...chunksOf(others, this.#most).map((queue) => ({ queue })),
    ];
    try {
      await inTurns(jobs, this.#most, this.#options.signal, (job, signal) => this.#serve(job, signal, told));
    } catch (thrown) {
      await this[Symbol.asyncDispose]().catch((later) => Promise.reject(new SuppressedError(later, thrown)));
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#labs.splice(0).map(({ lab }) => lab[Symbol.asyncDispose]()));
  }

  async #serve({ running, queue }: { running?: Running; queue: LoadedPolicy[] }, signal: AbortSignal, told: OnVerified): Promise<void> {
    let lab = running;
    try {
      for (const [at, policy] of queue.entries()) {
        try {
          lab ??= await startForRest(queue.slice(at), (policies) => this.#start(policies, signal));
          const [result] = await lab.lab.verify(policy);
          told(policy, { result: result as Result, error: null });
        } catch (thrown) {
          const error = faultOfOne(thrown, signal);
          // Any other leaves a lab whose servers are configured anew. That tidying up fails as well says nothing new.
          if (lab && /^lab/.test(error.code)) lab = await this.#end(lab).catch(() => undefined);
          told(policy, { result: null, error });
        }
      }
    } finally {
      if (lab) lab.busy = false;
    }
  }

  async #start(policies: readonly LoadedPolicy[], signal: AbortSignal): Promise<Running> {
    const idle = () => this.#labs.find(({ busy }) => !busy);
    this.#started++;
    this.#starting++;
    try {
      // One that nobody is waiting for makes way.
      for (let next = idle(); next && this.#labs.length + this.#starting > this.#most; next = idle()) await this.#end(next);
      const [first, ...others] = policies as [LoadedPolicy, ...LoadedPolicy[]];
      const lab = await shareLab([first, ...others], { ...this.#options, signal });
      if (!lab) throw new Error("policies of one queue have different networks");
      const running = { lab, busy: true };
      this.#labs.push(running);
      return running;
    } finally {
      this.#starting--;
    }
  }

  async #end(running: Running): Promise<undefined> {
    const at = this.#labs.indexOf(running);
    if (at >= 0) this.#labs.splice(at, 1);
    await running.lab[Symbol.asyncDispose]();
  }
}

function fits(lab: SharedLab, policy: LoadedPolicy): boolean {
  try {
    return lab.fits(policy);
  } catch (error) {
    // Whoever runs it will be told.
    if (error instanceof UserError) return false;
    throw error;
  }
}

/**
 * Starts a lab for the first of several policies, and for the others as well where that works. A lab that fails for all of them tells nothing of the first:
 * another one's addresses may be too much for it.
 * @throws what keeps the first alone from a lab
 */
export function startForRest<Policy, Lab>(policies: readonly Policy[], start: (policies: readonly Policy[]) => Promise<Lab>): Promise<Lab> {
  return start(policies).catch((thrown: unknown) => {
    const error = failureOf(thrown);
    if (policies.length === 1 || !(error instanceof UserError) || !ofLab.test(error.code)) throw thrown;
    return start(policies.slice(0, 1));
  });
}

/** Not of one policy's files. */
const ofLab = /^lab(-limit|-gone)?$/;

/** Policies that one lab serves in turn; no chunk is so long that the others wait for it. */
function chunksOf(policies: readonly LoadedPolicy[], labs: number): LoadedPolicy[][] {
  const shapes: LoadedPolicy[][] = [];
  for (const policy of policies) {
    const same = shapes.find(([first]) => first && shareable(first, policy));
    if (same) same.push(policy);
    else shapes.push([policy]);
  }
  const most = Math.max(1, Math.ceil(policies.length / labs));
  const parts = shapes.flatMap((shape) => {
    const size = Math.ceil(shape.length / Math.ceil(shape.length / most));
    return Array.from({ length: Math.ceil(shape.length / size) }, (_, at) => shape.slice(at * size, (at + 1) * size));
  });
  return parts.sort((one, other) => other.length - one.length);
}

function shareable(one: LoadedPolicy, other: LoadedPolicy): boolean {
  const spec = (loaded: LoadedPolicy) => policySpec(loaded, Object.keys(loaded.policy.forwards));
  return sameLab(one, other) && sameNetwork(spec(one), spec(other));
}

/** At most so many at once; the first failure ends the others, and is thrown when they have tidied up. */
async function inTurns<One>(
  all: readonly One[],
  most: number,
  outer: AbortSignal | undefined,
  work: (one: One, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const waiting = [...all];
  const failed = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failed.signal]) : failed.signal;
  let first: { thrown: unknown } | undefined;
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      await work(next, signal).catch((thrown: unknown) => {
        first ??= { thrown };
        failed.abort(thrown);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker));
  if (first) throw first.thrown;
  outer?.throwIfAborted();
}
