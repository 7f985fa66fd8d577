/** `verify` with several policies: labs are shared by policies of the same network, and as many run at once as the machine bears. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Fleet, FleetServer } from "../core/fleet.ts";
import { stepOf } from "../core/step.ts";
import { fleetOf, serverError, serverNames } from "../judgement/fleet.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { PolicyErrors } from "../policy/policy-errors.ts";
import { shownPolicy } from "../policy/policy-file.ts";
import { failureOf, faultOfOne } from "../session/failure.ts";
import { RunningLabs, type Verified } from "./running-labs.ts";
import { toolVersion } from "./tool-version.ts";
import type { VerifyOptions } from "./verify.ts";

export interface FleetOptions extends Omit<VerifyOptions, "only" | "keep" | "onPatch"> {
  /** Labs at once. Left out: as many as the machine has processors and memory for. */
  labs?: number;
}

interface Member {
  name: string;
  /** The policy file, as reports show it. */
  display: string;
  /** The error: the policy, or a file that it names, is wrong in itself. */
  policy: LoadedPolicy | UserError;
}

/**
 * Verifies each policy. If something keeps one policy (a fault in it, or sshd refuses its config) or all remaining ones (the engine dies) from a verdict, the
 * error is reported beside the results of the others.
 * @throws UserError with the faults of all policies if none is without, before any lab starts; for an engine that is missing, or dies before there is a result
 */
export async function verifyFleet(paths: readonly string[], { shard, labs, ...options }: FleetOptions = {}): Promise<Fleet> {
  const startedAt = new Date();
  const all = await loadAll(paths, options);
  // A part has whole policies: their own forwards are not divided.
  const members = selected(all, shard);
  const memberOf = new Map(members.flatMap((member) => (member.policy instanceof UserError ? [] : [[member.policy, member] as const])));
  const found = new Map<Member, FleetServer>();
  const run: FleetRun = { onEvent: options.onEvent, found, of: members.length };
  for (const member of members)
    if (member.policy instanceof UserError) tell(run, member, { result: null, error: serverError(member.policy) });
  await using running = new RunningLabs({ ...options, remedies: options.remedies !== false, onEvent: undefined }, labs);
  const told = (policy: LoadedPolicy, { result, error }: Verified) =>
    tell(run, memberOf.get(policy) as Member, { result, error: error && serverError(error) });
  await running.verify([...memberOf.keys()], told).catch((thrown: unknown) => {
    const error = faultOfRest(thrown, [...found.values()], options.signal);
    for (const member of members) if (!found.has(member)) tell(run, member, { result: null, error: serverError(error) });
  });
  return fleetOf(
    members.map((member) => found.get(member) as FleetServer),
    {
      tool: { name: "forwardlab", version: toolVersion },
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      labs: running.started,
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

async function loadAll(paths: readonly string[], options: FleetOptions): Promise<Member[]> {
  const read = await Promise.allSettled(paths.map((path) => loadPolicy(path, allowFor(options))));
  const policies = read.map((each) => (each.status === "rejected" ? faultOfOne(each.reason, options.signal) : each.value));
  if (policies.every((each) => each instanceof UserError)) throw errorsOfAll(policies);
  const displays = await Promise.all(paths.map(shownPolicy));
  const names = serverNames(displays);
  return policies.map((policy, at) => ({ name: names[at] as string, display: displays[at] as string, policy }));
}

/** Nothing can be verified: the fault of a policy by itself, or those of all. */
export function errorsOfAll(errors: readonly UserError[]): UserError {
  const [first, ...others] = errors;
  if (first && others.length === 0) return first;
  return new PolicyErrors(
    `${errors.length} policies`,
    errors.flatMap((each) => (each instanceof PolicyErrors ? each.errors : [each])),
  );
}

function selected(all: readonly Member[], shard: FleetOptions["shard"]): Member[] {
  const chosen = all.filter((_, at) => !shard || at % shard.count === shard.index - 1);
  if (chosen.length > 0) return chosen;
  throw new UserError("nothing-selected", "no policy is selected, so nothing would be verified", {
    fault: faultOf("nothing-selected", { what: "policies", part: shard?.index, count: shard?.count, of: all.length }),
    found: `part ${shard?.index} of ${shard?.count} with ${all.length} policies`,
    expected: "at least one policy",
    todo: `use at most ${all.length} parts`,
  });
}

interface FleetRun {
  onEvent: VerifyOptions["onEvent"];
  found: Map<Member, FleetServer>;
  of: number;
}

function tell(run: FleetRun, member: Member, seen: Pick<FleetServer, "result" | "error">): void {
  run.found.set(member, { name: member.name, policy: member.display, ...seen });
  run.onEvent?.({
    type: "step",
    ...stepOf("server-done", { name: member.name, outcome: seen.result?.outcome ?? null, done: run.found.size, of: run.of }),
  });
}
