/** The sides of a comparison that are no results: verified first. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Result } from "../core/result.ts";
import { stepOf } from "../core/step.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { PolicyErrors } from "../policy/policy-errors.ts";
import { blamesNoFile, failureOf } from "../session/failure.ts";
import type { Side, SidePath } from "./diff-side.ts";
import { type VerifyOptions, verifyBoth, verifyLoaded } from "./verify.ts";

export interface DiffOptions extends Pick<VerifyOptions, "openssh" | "today" | "allowOutside" | "pull" | "onEvent" | "signal"> {
  /** The policy whose sshd_config or firewall a side takes the place of, where the other side is no policy. */
  policy?: string;
}

/** Results of both sides, in one lab if both fit. @throws UserError that names the side, for everything that keeps it from a verdict */
export async function verifySides(before: Side, after: Side, options: DiffOptions): Promise<[Result, Result]> {
  const blame = (side: "before" | "after", error: unknown) => ofSide(side === "before" ? before : after, error);
  const loaded = {
    before: await loadSide(before, after, options).catch((error) => Promise.reject(blame("before", error))),
    after: await loadSide(after, before, options).catch((error) => Promise.reject(blame("after", error))),
  };
  const verifying = { ...options, remedies: false };
  if (loaded.before && loaded.after) {
    const both = await verifyBoth(loaded.before, loaded.after, verifying, blame);
    if (both) return both;
  }
  const resultOf = async (which: "before" | "after", side: Side): Promise<Result> => {
    if (side.kind === "result") return side.result;
    options.onEvent?.({ type: "step", ...stepOf("verifying-side", { name: side.name }) });
    return verifyLoaded(loaded[which] as LoadedPolicy, verifying).catch((error) => Promise.reject(blame(which, error)));
  };
  return [await resultOf("before", before), await resultOf("after", after)];
}

/** Undefined for a result, which needs no lab. */
async function loadSide(side: Side, other: Side, { policy, ...trust }: DiffOptions): Promise<LoadedPolicy | undefined> {
  if (side.kind !== "policy" && side.kind !== "config") return undefined;
  const named = (at: SidePath) => ({
    ...(at.display === undefined ? {} : { display: at.display }),
    ...allowFor(
      trust,
      [side, other].flatMap(({ root }) => root ?? []),
    ),
  });
  if (side.kind === "policy") return loadPolicy(side.path, named(side));
  const replace = { [side.replaces]: side.path };
  if (policy !== undefined) return loadPolicy(policy, { replace, ...allowFor(trust) });
  if (other.kind === "policy") return loadPolicy(other.path, { ...named(other), replace });
  throw new UserError("diff-policy", `no policy says who connects to a server with ${side.name}`, {
    fault: faultOf("side-needs-policy", { name: side.name, file: side.replaces, other: other.name, kind: other.kind }),
    found: `${side.name} (${side.replaces === "firewall" ? "a firewall" : "an sshd_config"}) and ${other.name} (${other.kind})`,
    expected: "a policy on the other side, or --policy",
    todo: "name the policy whose file it takes the place of: --policy policy.yaml",
  });
}

/** The error, with the side that it comes of. */
export function ofSide({ name }: SidePath, thrown: unknown): unknown {
  const error = failureOf(thrown);
  if (!(error instanceof UserError) || blamesNoFile(error) || error.code === "diff-policy") return error;
  const told = (each: UserError) =>
    each.place?.file === name
      ? each
      : new UserError(each.code, `${name}: ${each.message}`, { ...each, fault: { ...each.fault, side: name } });
  return error instanceof PolicyErrors ? new PolicyErrors(name, error.errors.map(told)) : told(error);
}
