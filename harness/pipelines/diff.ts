/** `diff`: two results, or what two policies or configs expose when they are verified, compared. */
import type { Diff } from "../core/diff.ts";
import { UserError } from "../core/errors.ts";
import type { Result } from "../core/result.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { compareResults } from "../judgement/diff/compare.ts";
import { compareReviews } from "../judgement/review/compare-reviews.ts";
import { readSide, type Side, type SidePath } from "./diff-side.ts";
import { filesOf, readRevisions, revisionNames } from "./git-revisions.ts";
import { toolVersion } from "./tool-version.ts";
import type { DiffOptions } from "./verify-sides.ts";

export type { DiffOptions } from "./verify-sides.ts";

const tool = { name: "forwardlab", version: toolVersion };

/** Compares two existing results. */
export function diffResults(before: Result, after: Result, names = { before: "before", after: "after" }): Diff {
  return compareResults({ before, after, names, tool });
}

/**
 * Compares two paths: results, policies (verified first), or configs that replace the policy's own.
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
  const results = await resultsOf(before, after, options);
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
  throw new UserError("diff-side", `${side.name} is not a policy`, {
    found: side.replaces === "firewall" ? "a firewall" : "an sshd_config",
    expected: "a policy, whose files are taken from the revision as well",
    todo: "name the policy after --",
  });
}

/** All that a lab needs is loaded where there is something to verify: two results are compared at once. */
async function resultsOf(before: Side, after: Side, options: DiffOptions): Promise<[Result, Result]> {
  if (before.kind === "result" && after.kind === "result") return [before.result, after.result];
  const { verifySides } = await import("./verify-sides.ts");
  return verifySides(before, after, options);
}
