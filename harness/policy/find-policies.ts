/** The policies that a command line names: files, folders, globs. */
import { globSync, readdirSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

/** Not looked into: what lies there belongs to somebody else. */
const foreign = new Set(["node_modules", ".git"]);

export interface NamedPolicies {
  /** Files, and folders that hold a `policy.yaml`. */
  paths: string[];
  /** One policy was named, by itself: there will never be more of them. */
  single: boolean;
}

/**
 * A file stands for itself; a folder for its `policy.yaml`, or, where it has none, for every `policy.yaml` below it; a glob for what it matches. A policy
 * that is named twice counts once.
 * @throws UserError `policy-not-found` for a word that names none
 */
export function findPolicies(words: readonly string[]): NamedPolicies {
  const found = words.map((word) => {
    const all = policiesAt(word);
    if (all.length === 0) throw noneAt(word);
    return all;
  });
  const paths = [...new Set(found.flat())];
  return { paths, single: words.length === 1 && paths[0] === words[0] };
}

function noneAt(word: string): UserError {
  const folder = isFolder(word);
  const config = folder ? configIn(word) : undefined;
  return new UserError("policy-not-found", folder ? `there is no policy.yaml in ${word}, or below it` : `no policy matches ${word}`, {
    fault: faultOf("policy-none", { path: word, folder, config }),
    place: { file: word },
    found: folder ? "a folder without one" : "no such file",
    expected: "a policy file, a folder with policies, or a pattern such as 'servers/*/policy.yaml'",
    todo:
      config === undefined
        ? "check the path; docs/policy.md shows a policy"
        : `\`forwardlab init ${word}\` writes a policy from ${config}, and \`forwardlab review ${word}\` needs none`,
  });
}

/** In a folder laid out like /etc/ssh, /etc or the root folder. */
function configIn(folder: string): string | undefined {
  return ["", "ssh", join("etc", "ssh")].map((below) => join(folder, below, "sshd_config")).find(isFile);
}

function policiesAt(word: string): string[] {
  if (isFolder(word)) return isFile(join(word, "policy.yaml")) ? [word] : policiesBelow(word);
  // What is no glob is a file, whether or not it is there: whoever reads it knows best what to say.
  if (!isGlob(word)) return [word];
  return globSync(word)
    .sort()
    .flatMap((path) => (isFolder(path) ? policiesAt(path) : [path]));
}

/** Every `policy.yaml` in a folder and its folders. */
export function policiesBelow(folder: string): string[] {
  return globSync("**/policy.yaml", { cwd: folder, exclude: (path) => foreign.has(path.split("/").at(-1) ?? "") })
    .sort()
    .map((path) => join(folder, path))
    .filter(isFile);
}

/**
 * Folders in which a policy may appear that these words name: that of a file; the one of a folder of policies or of a glob, and those next to where policies
 * have been found.
 */
export function policyFolders(words: readonly string[], found: readonly string[]): string[] {
  return words.flatMap((word) => {
    const root = isGlob(word) ? globRoot(word) : word;
    if (!isFolder(root)) return [dirname(root)];
    if (isFile(join(root, "policy.yaml"))) return [root];
    const below = found.flatMap((path) => foldersBetween(root, dirname(path))).filter(isFolder);
    return [...new Set([root, ...below])].flatMap((folder) => [folder, ...foldersIn(folder)]);
  });
}

export function isGlob(word: string): boolean {
  return hasWildcard(word) && !isFile(word);
}

/** A pattern, unless a file has that very name. */
export function hasWildcard(word: string): boolean {
  return /[*?[{]/.test(word);
}

/** The folder whose names the pattern is about. */
export function globRoot(pattern: string): string {
  const parts = pattern.split("/");
  const plain = parts.slice(0, parts.findIndex(isGlob));
  return isAbsolute(pattern) ? resolve("/", ...plain) : join(...plain);
}

/** From `inner` up, as long as it is below `root`. */
function foldersBetween(root: string, inner: string): string[] {
  const path = relative(root, inner);
  if (path === "" || path.startsWith("..") || isAbsolute(path)) return [];
  return path.split(sep).map((_, at, parts) => join(root, ...parts.slice(0, at)));
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() && !foreign.has(each.name) ? [join(folder, each.name)] : [],
  );
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false;
}

/** Undefined where there is nothing to look at: whoever reads the file says why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
