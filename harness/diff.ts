/** `diff`: two results, or what two policies or configs expose when they are verified, compared. */
import type { Diff } from "./core/diff.ts";
import { UserError } from "./core/errors.ts";
import type { Result } from "./core/result.ts";
import type { ReviewDiff } from "./core/review-diff.ts";
import { readSide, type Side, type SidePath } from "./diff-side.ts";
import { filesOf, readRevisions, revisionNames } from "./git-revisions.ts";
import { compareResults } from "./judgement/diff/compare.ts";
import { compareReviews } from "./judgement/review/compare-reviews.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "./policy/load-policy.ts";
import { PolicyErrors } from "./policy/policy-errors.ts";
import { failureOf } from "./session/failure.ts";
import { toolVersion } from "./tool-version.ts";
import { type VerifyOptions, verifyBoth, verifyLoaded } from "./verify.ts";

export interface DiffOptions extends Pick<VerifyOptions, "openssh" | "today" | "allowOutside" | "onEvent" | "signal"> {
  /** The policy whose sshd_config or firewall a side takes the place of, where the other side is no policy. */
  policy?: string;
}

const tool = { name: "forwardlab", version: toolVersion };

/** Compares two results that are there. */
export function diffResults(before: Result, after: Result, names = { before: "before", after: "after" }): Diff {
  return compareResults({ before, after, names, tool });
}

/**
 * Compares two paths: results, policies (verified first), or configs that take the place of the policy's own.
 * @throws UserError (`PolicyErrors` for a policy's own faults) for everything that keeps it from a comparison
 */
export async function diffPaths(before: string, after: string, options: DiffOptions = {}): Promise<Diff | ReviewDiff> {
  return diffSides({ name: before, path: before }, { name: after, path: after }, options);
}

/**
 * Compares a policy, and all files that it names, in two revisions of git: `main..HEAD`, `main...HEAD`, or `main` against the work tree.
 * @throws as `diffPaths` does
 */
export async function diffRevisions(range: string, path: string, options: DiffOptions = {}): Promise<Diff | ReviewDiff> {
  const commits = await readRevisions(range, path);
  const names = revisionNames(range);
  await using before = await filesOf(commits.before, names.before, path);
  const old = { name: `${names.before}:${path}`, path: before.path, display: path, root: before.root };
  if (commits.after === undefined || names.after === undefined) return await diffSides(old, { name: path, path }, options);
  await using after = await filesOf(commits.after, names.after, path);
  return await diffSides(old, { name: `${names.after}:${path}`, path: after.path, display: path, root: after.root }, options);
}

async function diffSides(one: SidePath, other: SidePath, options: DiffOptions): Promise<Diff | ReviewDiff> {
  const before = await readSide(one);
  const after = await readSide(other);
  requireUse(options, [before, after]);
  if (before.kind === "review" && after.kind === "review")
    return compareReviews({ before: before.review, after: after.review, names: { before: one.name, after: other.name }, tool });
  requireAlike([before, after]);
  for (const side of [before, after]) requireWhole(side);
  const results = await bothResults(before, after, options);
  return diffResults(...results, { before: before.name, after: after.name });
}

/** An option that would change nothing is a mistake. */
function requireUse({ policy, openssh }: DiffOptions, sides: readonly Side[]): void {
  const unused = (name: string, todo: string) =>
    new UserError("option", `${name} means nothing here`, {
      found: sides.map(({ name: side, kind }) => `${side} (${kind})`).join(", "),
      todo,
    });
  if (policy !== undefined && sides.every(({ kind }) => kind !== "config"))
    throw unused("--policy", "leave it out: it is for comparing an sshd_config or a firewall");
  if (openssh !== undefined && sides.every(({ kind }) => kind === "result" || kind === "review"))
    throw unused("--openssh", "leave it out: results are compared as they are");
}

/** A review has no cells. */
function requireAlike(sides: readonly Side[]): void {
  const review = sides.find(({ kind }) => kind === "review");
  if (!review) return;
  throw new UserError("diff-side", "a review can be compared with a review only", {
    found: sides.map(({ name, kind }) => `${name} (${kind})`).join(", "),
    expected: "two results of `review`, or two of anything else",
    todo: "review the other side as well: `forwardlab review PATH --report json=FILE`",
  });
}

/** Of a revision, the policy tells which files are to be taken from it. */
function requireWhole(side: Side): void {
  if (side.kind !== "config" || side.display === undefined) return;
  throw new UserError("diff-side", `${side.name} is no policy`, {
    found: side.replaces === "firewall" ? "a firewall" : "an sshd_config",
    expected: "a policy, whose files are taken from the revision as well",
    todo: "name the policy after --",
  });
}

async function bothResults(before: Side, after: Side, options: DiffOptions): Promise<[Result, Result]> {
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
    options.onEvent?.({ type: "step", text: `verifying ${side.name}` });
    return verifyLoaded(loaded[which] as LoadedPolicy, verifying).catch((error) => Promise.reject(blame(which, error)));
  };
  return [await resultOf("before", before), await resultOf("after", after)];
}

/** Undefined for a result, which needs no lab. */
async function loadSide(side: Side, other: Side, { policy, ...trust }: DiffOptions): Promise<LoadedPolicy | undefined> {
  if (side.kind === "result" || side.kind === "review") return undefined;
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
    found: `${side.name} (${side.replaces === "firewall" ? "a firewall" : "an sshd_config"}) and ${other.name} (${other.kind})`,
    expected: "a policy on the other side, or --policy",
    todo: "name the policy whose file it takes the place of: --policy policy.yaml",
  });
}

/** The error, with the side that it comes of. */
function ofSide({ name }: Side, thrown: unknown): unknown {
  const error = failureOf(thrown);
  if (!(error instanceof UserError) || ["lab-gone", "diff-policy"].includes(error.code)) return error;
  const told = (each: UserError) => (each.place?.file === name ? each : new UserError(each.code, `${name}: ${each.message}`, each));
  return error instanceof PolicyErrors ? new PolicyErrors(name, error.errors.map(told)) : told(error);
}
