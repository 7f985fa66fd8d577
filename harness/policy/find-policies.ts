/** The policies that a command line names: files, folders, globs. */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";

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
  return new UserError("policy-not-found", folder ? `there is no policy.yaml in ${word}, or below it` : `no policy matches ${word}`, {
    place: { file: word },
    found: folder ? "a folder without one" : "no such file",
    expected: "a policy file, a folder with policies, or a pattern such as 'servers/*/policy.yaml'",
    todo: "check the path; docs/policy.md shows a policy",
  });
}

function policiesAt(word: string): string[] {
  if (isFolder(word)) return isFile(join(word, "policy.yaml")) ? [word] : policiesBelow(word);
  // What is no glob is a file, whether or not it is there: whoever reads it knows best what to say.
  if (!/[*?[{]/.test(word) || isFile(word)) return [word];
  return globSync(word)
    .sort()
    .flatMap((path) => (isFolder(path) ? policiesAt(path) : [path]));
}

/** Every `policy.yaml` in a folder and its folders. */
export function policiesBelow(folder: string): string[] {
  return globSync("**/policy.yaml", { cwd: folder, exclude: (path) => foreign.has(path.split("/").at(-1) ?? "") })
    .sort()
    .map((path) => join(folder, path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
