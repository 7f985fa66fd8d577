/** `diff` of several policies: each is compared with the one of the same path on the other side. */

import { isDeepStrictEqual } from "node:util";
import type { DiffFleet } from "../core/diff-fleet.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Fleet } from "../core/fleet.ts";
import { stepOf } from "../core/step.ts";
import { compareFleets, type Measured, type ServerSides } from "../judgement/diff/compare-fleets.ts";
import { serverError } from "../judgement/fleet.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { failureOf, faultOfOne } from "../session/failure.ts";
import { type FleetPolicy, keyOf, type SeveralSide } from "./diff-side.ts";
import { RunningLabs } from "./running-labs.ts";
import { toolVersion } from "./tool-version.ts";
import { errorsOfAll, faultOfRest } from "./verify-fleet.ts";
import { type DiffOptions, ofSide } from "./verify-sides.ts";

type Member = { keys: FleetPolicy["keys"]; name: string } & (
  | { policy: FleetPolicy; loaded?: LoadedPolicy | UserError }
  | { result: Measured["result"]; error: Measured["error"] }
);

/** @throws UserError `diff-side` for two sides without a policy; with the faults of all policies if none is without, before any lab starts */
export async function diffFleets(before: SeveralSide, after: SeveralSide, options: DiffOptions): Promise<DiffFleet> {
  const sides = { before: membersOf(before), after: membersOf(after) };
  const pairs = pairsOf(sides.before, sides.after);
  if (pairs.length === 0)
    throw new UserError("diff-side", "there is no policy to compare", {
      fault: faultOf("sides-without-policy", { before: before.name, after: after.name }),
      found: `none in ${before.name}, and none in ${after.name}`,
      expected: "a folder with policies, a pattern that matches some, or the result of a fleet",
      todo: "check the paths",
    });
  await loadAll([...sides.before, ...sides.after], options);
  const measured = await measure(pairs, options);
  const servers = pairs.map(
    ({ name, before: old, after: now }): ServerSides => ({
      name,
      ...(old ? { before: measured.get(old) as Measured } : {}),
      ...(now ? { after: measured.get(now) as Measured } : {}),
    }),
  );
  return compareFleets(servers, { names: { before: before.name, after: after.name }, tool: { name: "forwardlab", version: toolVersion } });
}

interface Pair {
  name: string;
  before?: Member;
  after?: Member;
}

/** By the paths as they were named, where any of them is on both sides; else by what stands below the folders that were named. */
export function pairsOf<One extends Pick<Member, "keys">>(
  before: readonly One[],
  after: readonly One[],
): { name: string; before?: One; after?: One }[] {
  const which = before.some(({ keys }) => after.some((other) => other.keys.full === keys.full)) ? "full" : "below";
  const [old, now] = [before, after].map((side) => new Map(side.map((each) => [each.keys[which], each] as const))) as [
    Map<string, One>,
    Map<string, One>,
  ];
  return [...new Set([...old.keys(), ...now.keys()])].sort().map((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    return { name, ...(one ? { before: one } : {}), ...(other ? { after: other } : {}) };
  });
}

function membersOf(side: SeveralSide): Member[] {
  if (side.kind === "policies") return side.policies.map((policy) => ({ keys: policy.keys, name: policy.name, policy }));
  const top = commonFolder(side.fleet);
  return side.fleet.servers.map(({ policy, result, error }) => {
    const full = keyOf(policy);
    return { keys: { full, below: full.slice(top.length) || "." }, name: `${side.name}: ${full}`, result, error };
  });
}

/** With the slash at its end. */
function commonFolder({ servers }: Fleet): string {
  const [first = [], ...others] = servers.map(({ policy }) => keyOf(policy).split("/").slice(0, -1));
  const length = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  const parts = length < 0 ? first : first.slice(0, length);
  return parts.map((part) => `${part}/`).join("");
}

async function loadAll(members: readonly Member[], options: DiffOptions): Promise<void> {
  const faults: UserError[] = [];
  for (const member of members) {
    if (!("policy" in member)) continue;
    const { policy } = member;
    const named = {
      ...(policy.display === undefined ? {} : { display: policy.display }),
      ...allowFor(options, policy.root ? [policy.root] : []),
    };
    member.loaded = await loadPolicy(policy.path, named).catch((thrown: unknown) => faultOfOne(ofSide(policy, thrown), options.signal));
    if (member.loaded instanceof UserError) faults.push(member.loaded);
  }
  if (faults.length === members.length) throw errorsOfAll(faults);
}

/** What became of each. A policy whose files are the same on both sides is verified once. */
async function measure(pairs: readonly Pair[], options: DiffOptions): Promise<Map<Member, Measured>> {
  const measured = new Map<Member, Measured>();
  const memberOf = new Map<LoadedPolicy, Member>();
  const same = new Map<Member, Member>();
  for (const { before, after } of pairs) {
    if (before && after && sameFiles(before, after)) same.set(before, after);
    for (const member of [before, after]) {
      if (!member) continue;
      if (!("policy" in member)) measured.set(member, { name: member.name, result: member.result, error: member.error });
      else if (member.loaded instanceof UserError)
        measured.set(member, { name: member.name, result: null, error: serverError(member.loaded) });
      else if (member.loaded && !same.has(member)) memberOf.set(member.loaded, member);
    }
  }
  const tell = (member: Member, seen: Omit<Measured, "name">) => {
    measured.set(member, { name: member.name, ...seen });
    options.onEvent?.({ type: "step", ...stepOf("server-done", { name: member.name, outcome: seen.result?.outcome ?? null }) });
  };
  await using running = new RunningLabs({ ...options, remedies: false, onEvent: undefined });
  const told = (policy: LoadedPolicy, { result, error }: { result: Measured["result"]; error: UserError | null }) =>
    tell(memberOf.get(policy) as Member, { result, error: error && serverError(error) });
  await running.verify([...memberOf.keys()], told).catch((thrown: unknown) => {
    const error = faultOfRest(failureOf(thrown), [...measured.values()], options.signal);
    for (const member of memberOf.values()) if (!measured.has(member)) tell(member, { result: null, error: serverError(error) });
  });
  for (const [before, after] of same) measured.set(before, { ...(measured.get(after) as Measured), name: before.name });
  return measured;
}

function sameFiles(one: Member, other: Member): boolean {
  const files = (member: Member) =>
    "policy" in member && !(member.loaded instanceof UserError)
      ? member.loaded?.inputs.files.map(({ display, sha256 }) => [display, sha256])
      : undefined;
  const [mine, theirs] = [files(one), files(other)];
  return mine !== undefined && isDeepStrictEqual(mine, theirs);
}
