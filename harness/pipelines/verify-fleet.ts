/** `verify` with several policies: labs are shared by policies of the same network, and as many run at once as the machine bears. */
import { availableParallelism, freemem } from "node:os";
import { UserError } from "../core/errors.ts";
import type { Fleet, FleetServer } from "../core/fleet.ts";
import type { Result } from "../core/result.ts";
import { fleetOf, serverError, serverNames } from "../judgement/fleet.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { PolicyErrors } from "../policy/policy-errors.ts";
import { failureOf, faultOfOne } from "../session/failure.ts";
import { policySpec, sameLab, sameNetwork } from "../session/policy-lab.ts";
import { toolVersion } from "./tool-version.ts";
import { type SharedLab, shareLab, type VerifyOptions } from "./verify.ts";

export interface FleetOptions extends Omit<VerifyOptions, "only" | "keep" | "onPatch"> {
  /** Labs at once. Left out: as many as the machine has processors and memory for. */
  labs?: number;
}

/** Bytes of memory that a lab takes, generously. */
const labBytes = 400 * 2 ** 20;

interface Member {
  name: string;
  loaded: LoadedPolicy;
}

/**
 * Verifies each policy. If something keeps one policy (sshd refuses its config) or all remaining ones (the engine dies) from a verdict, the error is reported
 * beside the results of the others.
 * @throws UserError with the faults of all policies, before any lab starts; for an engine that is missing, or dies before there is a result
 */
export async function verifyFleet(paths: readonly string[], { shard, labs, ...options }: FleetOptions = {}): Promise<Fleet> {
  const startedAt = new Date();
  const all = await loadAll(paths, options);
  // A part has whole policies: their own forwards are not divided.
  const members = selected(all, shard);
  const found = new Map<Member, FleetServer>();
  const most = labs ?? Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / labBytes)));
  const run: FleetRun = { onEvent: options.onEvent, found, labs: 0, of: members.length };
  await inTurns(chunksOf(members, most), most, options.signal, (chunk, signal) => verifyChunk(chunk, { ...options, signal }, run)).catch(
    (thrown: unknown) => {
      const error = faultOfRest(thrown, [...found.values()], options.signal);
      for (const member of members) if (!found.has(member)) tell(run, member, { result: null, error: serverError(error) });
    },
  );
  return fleetOf(
    members.map((member) => found.get(member) as FleetServer),
    {
      tool: { name: "forwardlab", version: toolVersion },
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      labs: run.labs,
      policies: all.map(({ name }) => name),
      ...(shard ? { shard } : {}),
    },
  );
}

/**
 * Handles an error that ended a run halfway, such as a dead engine: the results so far are kept, and the other servers get this error.
 * @throws the error itself, if there are no results yet, if it was an interruption, or if forwardlab itself is at fault
 */
export function faultOfRest(thrown: unknown, found: readonly Pick<FleetServer, "result">[], signal: AbortSignal | undefined): UserError {
  const error = failureOf(thrown);
  if (signal?.aborted || !(error instanceof UserError) || found.every(({ result }) => result === null)) throw thrown;
  return error;
}

async function loadAll(paths: readonly string[], options: VerifyOptions): Promise<Member[]> {
  const read = await Promise.allSettled(paths.map((path) => loadPolicy(path, allowFor(options))));
  const faults = read.flatMap((each) => (each.status === "rejected" ? [failureOf(each.reason)] : []));
  const strange = faults.find((each) => !(each instanceof UserError));
  if (strange !== undefined) throw strange;
  const errors = (faults as UserError[]).flatMap((each) => (each instanceof PolicyErrors ? each.errors : [each]));
  if (errors.length > 0) throw new PolicyErrors(`${faults.length} of ${paths.length} policies`, errors);
  const loaded = read.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const names = serverNames(loaded.map(({ display }) => display));
  return loaded.map((each, at) => ({ name: names[at] as string, loaded: each }));
}

function selected(all: readonly Member[], shard: FleetOptions["shard"]): Member[] {
  const chosen = all.filter((_, at) => !shard || at % shard.count === shard.index - 1);
  if (chosen.length > 0) return chosen;
  throw new UserError("nothing-selected", "no policy is selected, so nothing would be verified", {
    found: `part ${shard?.index} of ${shard?.count} with ${all.length} policies`,
    expected: "at least one policy",
    todo: `use at most ${all.length} parts`,
  });
}

/** Policies that one lab serves in turn; no chunk is so long that the others wait for it. */
function chunksOf(members: readonly Member[], labs: number): Member[][] {
  const shapes: Member[][] = [];
  for (const member of members) {
    const same = shapes.find(([first]) => first && shareable(first.loaded, member.loaded));
    if (same) same.push(member);
    else shapes.push([member]);
  }
  const most = Math.max(1, Math.ceil(members.length / labs));
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

interface FleetRun {
  onEvent: VerifyOptions["onEvent"];
  found: Map<Member, FleetServer>;
  labs: number;
  of: number;
}

/** Each gets its entry; after a failure the others get a lab that nothing has happened to. */
async function verifyChunk(chunk: readonly Member[], options: VerifyOptions, run: FleetRun): Promise<void> {
  let left = chunk;
  while (left.length > 0) {
    run.labs++;
    let done = 0;
    try {
      await using lab = await labFor(left, options);
      for (const member of left) {
        const [result] = await lab.verify(member.loaded);
        tell(run, member, { result: result as Result, error: null });
        done++;
      }
      return;
    } catch (thrown) {
      const failed = left[done];
      if (!failed) throw thrown;
      tell(run, failed, { result: null, error: serverError(faultOfOne(thrown, options.signal)) });
      left = left.slice(done + 1);
    }
  }
}

function labFor(members: readonly Member[], options: VerifyOptions): Promise<SharedLab> {
  const [first, ...others] = members.map(({ loaded }) => loaded) as [LoadedPolicy, ...LoadedPolicy[]];
  return shareLab([first, ...others], { ...options, remedies: options.remedies !== false, onEvent: undefined }).then((lab) => {
    if (lab) return lab;
    throw new Error("policies of one chunk have different networks");
  });
}

function tell(run: FleetRun, member: Member, seen: Pick<FleetServer, "result" | "error">): void {
  run.found.set(member, { name: member.name, policy: member.loaded.display, ...seen });
  const outcome = seen.result?.outcome ?? "no result";
  run.onEvent?.({ type: "step", text: `${run.found.size} of ${run.of} servers: ${member.name}: ${outcome}` });
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
