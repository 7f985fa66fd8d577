/** `diff`: two results, or what two policies or configs expose when they are verified, compared. */
import type { Diff } from "../core/diff.ts";
import type { DiffFleet } from "../core/diff-fleet.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Result } from "../core/result.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import { compareResults } from "../judgement/diff/compare.ts";
import { compareReviews } from "../judgement/review/compare-reviews.ts";
import { type FleetPolicy, isSeveral, keyOf, readSide, type SeveralSide, type Side, type SidePath } from "./diff-side.ts";
import { filesOf, type RevisionFiles, readRevisions, revisionNames } from "./git-revisions.ts";
import { toolVersion } from "./tool-version.ts";
import type { DiffOptions } from "./verify-sides.ts";

export type { DiffOptions } from "./verify-sides.ts";

const tool = { name: "forwardlab", version: toolVersion };

/** Compares two existing results. */
export function diffResults(before: Result, after: Result, names = { before: "before", after: "after" }): Diff {
  return compareResults({ before, after, names, tool });
}

/**
 * Compares two paths: results, policies (verified first), or configs that replace the policy's own. Of folders with policies, patterns and results of
 * fleets, each policy is compared with the one of the same path on the other side.
 * @throws UserError (`PolicyErrors` for a policy's own faults) for everything that keeps it from a comparison
 */
export async function diffPaths(before: string, after: string, options: DiffOptions = {}): Promise<Diff | DiffFleet | ReviewDiff> {
  return diffSides({ name: before, path: before }, { name: after, path: after }, options);
}

/**
 * Compares policies, and all files that they name, in two revisions of git: `main..HEAD`, `main...HEAD`, or `main` against the work tree.
 * @param paths one policy, or files, folders and patterns of several
 * @throws as `diffPaths` does
 */
export async function diffRevisions(
  range: string,
  paths: string | readonly string[],
  options: DiffOptions = {},
): Promise<Diff | DiffFleet | ReviewDiff> {
  const all = [paths].flat();
  const commits = await readRevisions(range, all[0] ?? ".");
  const names = revisionNames(range);
  await using before = await filesOf(commits.before, names.before, all);
  await using after = commits.after === undefined || names.after === undefined ? undefined : await filesOf(commits.after, names.after, all);
  const sideOf = (revision: string | undefined, files: RevisionFiles | undefined): Place => {
    const of = (path: string, at: number): SidePath | undefined => {
      if (revision === undefined || !files) return { name: path, path };
      const inside = files.paths[at];
      return inside === undefined ? undefined : { name: `${revision}:${path}`, path: inside, display: path, root: files.root };
    };
    return {
      name: [revision, all.join(" ")].filter((part) => part !== undefined).join(":"),
      paths: all.flatMap((path, at) => of(path, at) ?? []),
    };
  };
  const [one, other] = [sideOf(names.before, before), sideOf(names.after, after)];
  const [old, ...more] = one.paths;
  const [now] = other.paths;
  if (all.length === 1 && more.length === 0 && old && now) return await diffSides(old, now, options);
  return await diffSeveral(await severalOf(one), await severalOf(other), options);
}

/** A side of revisions: those of the paths that it has. */
interface Place {
  name: string;
  paths: readonly SidePath[];
}

/** Each path is a policy, or names several. */
async function severalOf({ name, paths }: Place): Promise<SeveralSide> {
  const policies: FleetPolicy[] = [];
  for (const at of paths) {
    const side = await readSide(at);
    if (side.kind === "policies")
      policies.push(...side.policies.map((each) => ({ ...each, keys: { ...each.keys, below: each.keys.full } })));
    else if (side.kind === "policy") policies.push({ ...at, keys: keysOf(at.display ?? at.path) });
    else
      throw new UserError("diff-side", `${at.name} is not a policy`, {
        fault: faultOf("side-not-policy", { name: at.name, kind: side.kind }),
        found: side.kind,
        expected: "policies, folders with policies, or patterns",
        todo: "name the policies after --",
      });
  }
  return { name, path: ".", kind: "policies", policies: [...new Map(policies.map((each) => [each.path, each])).values()] };
}

function keysOf(path: string): FleetPolicy["keys"] {
  return { full: keyOf(path), below: keyOf(path) };
}

async function diffSeveral(before: SeveralSide, after: SeveralSide, options: DiffOptions): Promise<DiffFleet> {
  requireUse(options, [before, after]);
  const { diffFleets } = await import("./diff-fleet.ts");
  return diffFleets(before, after, options);
}

async function diffSides(one: SidePath, other: SidePath, options: DiffOptions): Promise<Diff | DiffFleet | ReviewDiff> {
  const before = await readSide(one);
  const after = await readSide(other);
  if (isSeveral(before) && isSeveral(after)) return diffSeveral(before, after, options);
  requireOne([before, after]);
  requireUse(options, [before, after]);
  if (before.kind === "review" && after.kind === "review")
    return compareReviews({ before: before.review, after: after.review, names: { before: one.name, after: other.name }, tool });
  requireAlike([before, after]);
  for (const side of [before, after]) requireWhole(side);
  const results = await resultsOf(before, after, options);
  return diffResults(...results, { before: before.name, after: after.name });
}

/** Several servers cannot be told apart on a side that has one. */
function requireOne(sides: readonly Side[]): void {
  const several = sides.find(isSeveral);
  if (!several) return;
  throw new UserError(
    "diff-side",
    `${several.name} holds ${several.kind === "fleet" ? "the results" : "the policies"} of several servers`,
    {
      fault: faultOf("side-several", { name: several.name, results: several.kind === "fleet", ...namesAndKinds(sides) }),
      found: sides.map(({ name, kind }) => `${name} (${kind})`).join(", "),
      expected: "several servers on both sides, or one server on either",
      todo: "name the folder of policies, a pattern, or the result of a fleet on the other side, too; or the one policy of the fleet",
    },
  );
}

/** An option that would change nothing is a mistake. */
function requireUse({ policy, openssh }: DiffOptions, sides: readonly Side[]): void {
  const unused = (name: "--policy" | "--openssh", todo: string) =>
    new UserError("option", `${name} means nothing here`, {
      fault: faultOf("option-unused", { option: name, ...namesAndKinds(sides) }),
      found: sides.map(({ name: side, kind }) => `${side} (${kind})`).join(", "),
      todo,
    });
  if (policy !== undefined && sides.every(({ kind }) => kind !== "config"))
    throw unused("--policy", "leave it out: it is for comparing an sshd_config or a firewall");
  if (openssh !== undefined && sides.every(({ kind }) => kind === "result" || kind === "review" || kind === "fleet"))
    throw unused("--openssh", "leave it out: results are compared as they are");
}

function namesAndKinds(sides: readonly Side[]) {
  return { names: sides.map(({ name }) => name), kinds: sides.map(({ kind }) => kind) };
}

/** A review has no cells. */
function requireAlike(sides: readonly Side[]): void {
  const review = sides.find(({ kind }) => kind === "review");
  if (!review) return;
  throw new UserError("diff-side", "a review can be compared with a review only", {
    fault: faultOf("side-review", namesAndKinds(sides)),
    found: sides.map(({ name, kind }) => `${name} (${kind})`).join(", "),
    expected: "two results of `review`, or two of anything else",
    todo: "review the other side as well: `forwardlab review PATH --report json=FILE`",
  });
}

/** Of a revision, the policy tells which files are to be taken from it. */
function requireWhole(side: Side): void {
  if (side.kind !== "config" || side.display === undefined) return;
  throw new UserError("diff-side", `${side.name} is not a policy`, {
    fault: faultOf("side-not-policy", { name: side.name, kind: side.kind, file: side.replaces }),
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
