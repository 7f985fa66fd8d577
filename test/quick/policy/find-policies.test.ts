import { join } from "node:path";
import { expect, test } from "vitest";
import { findPolicies, policyFolders } from "../../../harness/policy/find-policies.ts";
import { folderOf } from "../cli/run-cli.ts";

const files = Object.fromEntries(
  ["a/policy.yaml", "b/deep/policy.yaml", "b/policy.wrong.yaml", "c/notes.txt", "node_modules/x/policy.yaml", ".git/policy.yaml"].map(
    (file) => [file, ""],
  ),
);

test("files, folders and globs; each policy once", async () => {
  await using folder = await folderOf(files);
  const at = (path: string) => join(folder.path, path);
  const found = (...words: string[]) => {
    const { paths, single } = findPolicies(words.map(at));
    return { paths: paths.map((path) => path.slice(folder.path.length + 1)), single };
  };
  expect(found("a")).toEqual({ paths: ["a"], single: true });
  expect(found("b/policy.wrong.yaml")).toEqual({ paths: ["b/policy.wrong.yaml"], single: true });
  // However many there are today.
  expect(found("b")).toEqual({ paths: ["b/deep/policy.yaml"], single: false });
  expect(found("")).toEqual({ paths: ["a/policy.yaml", "b/deep/policy.yaml"], single: false });
  expect(found("*/policy*.yaml")).toEqual({ paths: ["a/policy.yaml", "b/policy.wrong.yaml"], single: false });
  expect(found("a", "a", "b")).toEqual({ paths: ["a", "b/deep/policy.yaml"], single: false });
  // Whoever reads it says that it is not there.
  expect(found("gone.yaml")).toEqual({ paths: ["gone.yaml"], single: true });
});

test("a folder that is called policy.yaml is none, and is looked into", async () => {
  await using folder = await folderOf({ "a/policy.yaml/notes.txt": "", "b/policy.yaml/policy.yaml": "", "c/policy.yaml": "" });
  const found = (word: string) => findPolicies([join(folder.path, word)]).paths.map((path) => path.slice(folder.path.length + 1));
  expect(found("")).toEqual(["b/policy.yaml/policy.yaml", "c/policy.yaml"]);
  expect(found("b")).toEqual(["b/policy.yaml/policy.yaml"]);
  expect(() => found("a")).toThrow("there is no policy.yaml in ");
});

test("a word that names none is an error, also beside one that does", async () => {
  await using folder = await folderOf(files);
  expect(() => findPolicies([join(folder.path, "a"), join(folder.path, "c")])).toThrow("there is no policy.yaml in ");
  expect(() => findPolicies([join(folder.path, "*/none.yaml")])).toThrow("no policy matches ");
});

test("where one more may appear: beside those that were found, and wherever a pattern looks", async () => {
  await using folder = await folderOf(files);
  const at = (path: string) => join(folder.path, path);
  const folders = (...words: string[]) => {
    const all = words.map(at);
    return policyFolders(all, findPolicies(all).paths)
      .map((path) => path.slice(folder.path.length + 1))
      .sort();
  };
  expect(folders("a")).toEqual(["a"]);
  expect(folders("b/policy.wrong.yaml")).toEqual(["b"]);
  expect(folders("b")).toEqual(["b", "b/deep"]);
  // Neither what belongs to somebody else, nor what lies below a folder in which nothing was found.
  expect(new Set(folders(""))).toEqual(new Set(["", "a", "b", "b/deep", "c"]));
  expect(new Set(folders("*/policy*.yaml"))).toEqual(new Set(["", "a", "b", "c"]));
});

test("a copy of a server in place of a policy: what takes it is told", async () => {
  await using folder = await folderOf({
    "ssh/sshd_config": "",
    "etc/ssh/sshd_config": "",
    "root/etc/ssh/sshd_config": "",
    "other/notes.txt": "",
  });
  const todoOf = (word: string) => {
    try {
      return findPolicies([join(folder.path, word)]);
    } catch (error) {
      return (error as { todo?: string }).todo?.replaceAll(`${folder.path}/`, "");
    }
  };
  for (const [word, config] of [
    ["ssh", "ssh/sshd_config"],
    ["etc", "etc/ssh/sshd_config"],
    ["root", "root/etc/ssh/sshd_config"],
  ] as const)
    expect(todoOf(word)).toBe(`\`forwardlab init ${word}\` writes a policy from ${config}, and \`forwardlab review ${word}\` needs none`);
  expect(todoOf("other")).toBe("check the path; docs/policy.md shows a policy");
});
