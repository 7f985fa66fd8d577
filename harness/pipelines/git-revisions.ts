/** The files of a git revision, as a folder that goes with its scope. Neither the work tree nor the index changes. */
import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import { hasWildcard } from "../policy/find-policies.ts";

const run = promisify(execFile);

/** What `REVISION..REVISION`, `REVISION...REVISION` or `REVISION` compares; `after` undefined: the work tree. */
export interface Revisions {
  before: string;
  after: string | undefined;
}

export interface RevisionFiles extends AsyncDisposable {
  /** Each path in the copy; undefined: the revision does not have it. */
  paths: (string | undefined)[];
  /** Folder of all of the revision's files. */
  root: string;
}

/** As `git diff` reads them: an end left out is HEAD; three dots begin where the two parted. */
export async function readRevisions(text: string, path: string): Promise<Revisions> {
  const root = await repositoryOf(path);
  const [, one = "", dots, other = ""] = /^(.*?)(\.{2,3})(.*)$/.exec(text) ?? [];
  if (dots === undefined) return { before: await commitOf(root, text), after: undefined };
  const [before, after] = [await commitOf(root, one || "HEAD"), await commitOf(root, other || "HEAD")];
  if (dots === "..") return { before, after };
  const base = await git(root, ["merge-base", before, after]).catch(() => {
    throw new UserError("git-revision", `${one || "HEAD"} and ${other || "HEAD"} have no common ancestor`, {
      fault: faultOf("git-no-ancestor", { one: one || "HEAD", other: other || "HEAD" }),
      found: text,
      expected: "revisions of one history",
      todo: `compare them directly: ${one}..${other}`,
    });
  });
  return { before: base, after };
}

/** The names of both ends, for a person. */
export function revisionNames(text: string): { before: string; after: string | undefined } {
  const [, one = "", dots, other = ""] = /^(.*?)(\.{2,3})(.*)$/.exec(text) ?? [];
  if (dots === undefined) return { before: text, after: undefined };
  return { before: dots === "..." ? text : one || "HEAD", after: other || "HEAD" };
}

/**
 * @param paths in the work tree, relative to the working folder; patterns, too
 * @throws UserError `git-path` for one path that the revision does not have; one of several may be missing
 */
export async function filesOf(commit: string, name: string, paths: readonly string[]): Promise<RevisionFiles> {
  const root = await repositoryOf(paths[0] ?? ".");
  const places = await Promise.all(paths.map((path) => placeIn(root, commit, path)));
  const [only] = places;
  if (only && places.length === 1 && !only.there)
    throw new UserError("git-path", `${paths[0]} is not in ${name}`, {
      fault: faultOf("git-path", { path: paths[0] ?? "", revision: name, inside: only.inside }),
      found: `no ${only.inside} in that revision`,
      expected: "a path that both revisions have",
      todo: `\`git ls-tree -r --name-only ${name}\` lists what it has`,
    });
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder("revision")).path;
  // An index of its own. `git archive` would leave out what .gitattributes marks export-ignore.
  const env = { GIT_INDEX_FILE: join(folder, "index") };
  await git(root, ["read-tree", commit], env);
  await git(root, ["checkout-index", "--all", "--quiet", `--prefix=${join(folder, "files")}/`], env);
  const made = stack.move();
  const files = join(folder, "files");
  return {
    paths: places.map(({ inside, there }) => (there ? join(files, inside) : undefined)),
    root: files,
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

/** Of a pattern, whether anything matches is seen later. */
async function placeIn(root: string, commit: string, path: string): Promise<{ inside: string; there: boolean }> {
  const absolute = resolve(path);
  const inside =
    relative(root, join(await realFolder(dirname(absolute)), basename(absolute)))
      .split(sep)
      .join("/") || ".";
  if (hasWildcard(inside)) return { inside, there: true };
  const found = git(root, ["cat-file", "-e", inside === "." ? `${commit}^{tree}` : `${commit}:${inside}`]);
  return { inside, there: await found.then(() => true).catch(() => false) };
}

/** As git names it, even where the folder is gone from the work tree. */
async function realFolder(folder: string): Promise<string> {
  if (await stat(folder).catch(() => undefined)) return realpath(folder);
  return join(await realFolder(dirname(folder)), basename(folder));
}

async function commitOf(root: string, revision: string): Promise<string> {
  return git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]).catch(() => {
    throw new UserError("git-revision", `git has no revision ${revision}`, {
      fault: faultOf("git-revision", { revision }),
      found: revision,
      expected: "a branch, a tag or a commit of this repository",
      todo: "in CI, fetch it first: a shallow clone has one commit only (actions/checkout: fetch-depth: 0)",
    });
  });
}

async function repositoryOf(path: string): Promise<string> {
  let folder = resolve(path);
  while (!(await stat(folder).catch(() => undefined))?.isDirectory() && dirname(folder) !== folder) folder = dirname(folder);
  return git(folder, ["rev-parse", "--show-toplevel"]).catch((error: NodeJS.ErrnoException) => {
    const said = (error as { stderr?: string }).stderr?.trim().split("\n")[0] ?? error.message;
    const missing = error.code === "ENOENT";
    throw new UserError("git", missing ? "git is not installed" : `git reads no repository at ${path}`, {
      fault: missing ? faultOf("git-missing", {}) : faultOf("git-no-repository", { path }),
      found: missing ? "no program `git`" : said,
      expected: "a path in a clone of a git repository",
      todo: "compare two files or two results instead: forwardlab diff BEFORE AFTER",
    });
  });
}

async function git(folder: string, args: readonly string[], more: Record<string, string> = {}): Promise<string> {
  // A hook of git's is told which repository and index it runs for: here, the path tells.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, GIT_PREFIX: ____, ...env } = process.env;
  const { stdout } = await run("git", ["-C", folder, ...args], { env: { ...env, ...more }, maxBuffer: 1 << 26 });
  return stdout.trimEnd();
}
