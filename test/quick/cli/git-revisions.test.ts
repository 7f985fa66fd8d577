/** Revisions as `git diff` reads them, and their files, with nothing changed in the clone. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesOf, readRevisions, revisionNames } from "../../../harness/pipelines/git-revisions.ts";
import { folderOf } from "./run-cli.ts";

async function clone() {
  const folder = await folderOf({ "site/policy.yaml": "first\n", "common.nft": "first\n", ".gitattributes": "*.nft export-ignore\n" });
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: folder.path,
      encoding: "utf8",
    }).trim();
  const commit = async (text: string) => {
    await writeFile(join(folder.path, "site/policy.yaml"), text);
    git("add", ".");
    git("commit", "--quiet", `--message=${text}`);
    return git("rev-parse", "HEAD");
  };
  git("init", "--quiet", "--initial-branch=main");
  const first = await commit("first\n");
  git("checkout", "--quiet", "-b", "topic");
  const topic = await commit("topic\n");
  git("checkout", "--quiet", "main");
  const main = await commit("main\n");
  return { path: join(folder.path, "site/policy.yaml"), root: folder.path, git, first, topic, main };
}

test("two dots compare the ends, three begin where they parted, one revision is compared with the work tree", async () => {
  const { path, first, topic, main } = await clone();
  expect(await readRevisions("main..topic", path)).toEqual({ before: main, after: topic });
  expect(await readRevisions("main...topic", path)).toEqual({ before: first, after: topic });
  expect(await readRevisions("topic..", path)).toEqual({ before: topic, after: main });
  expect(await readRevisions("..topic", path)).toEqual({ before: main, after: topic });
  expect(await readRevisions("HEAD~1", path)).toEqual({ before: first, after: undefined });
  await expect(readRevisions("--all..main", path)).rejects.toMatchObject({ code: "git-revision" });
  expect(revisionNames("main..")).toEqual({ before: "main", after: "HEAD" });
});

test("all files of the revision, those beside the policy's folder as well, and gone with the scope", async () => {
  const { path, root, git, first, topic } = await clone();
  await writeFile(path, "not committed\n");
  const status = git("status", "--porcelain");
  let left = "";
  {
    await using files = await filesOf(topic, "topic", [path]);
    left = files.paths[0] as string;
    expect(readFileSync(files.paths[0] as string, "utf8")).toBe("topic\n");
    expect(readFileSync(join(files.paths[0] as string, "../../common.nft"), "utf8")).toBe("first\n");
    await using folder = await filesOf(first, "first", [join(root, "site")]);
    expect(readFileSync(join(folder.paths[0] as string, "policy.yaml"), "utf8")).toBe("first\n");
    await using whole = await filesOf(first, "first", [root]);
    expect(existsSync(join(whole.paths[0] as string, "site/policy.yaml"))).toBe(true);
  }
  expect(existsSync(left)).toBe(false);
  expect([git("status", "--porcelain"), readFileSync(path, "utf8")]).toEqual([status, "not committed\n"]);
});

test("of several paths, one may be missing, and a pattern is looked for in the copy", async () => {
  const { path, root, topic } = await clone();
  await using files = await filesOf(topic, "topic", [path, join(root, "new/policy.yaml"), join(root, "*/policy.yaml")]);
  expect(files.paths).toEqual([join(files.root, "site/policy.yaml"), undefined, join(files.root, "*/policy.yaml")]);
});

test("a folder that the work tree no longer has", async () => {
  const { path, root, topic } = await clone();
  await rm(join(root, "site"), { recursive: true });
  await using files = await filesOf(topic, "topic", [path]);
  expect(readFileSync(files.paths[0] as string, "utf8")).toBe("topic\n");
  await mkdir(join(root, "site"));
  await expect(filesOf(topic, "topic", [join(root, "site/other.yaml")])).rejects.toMatchObject({ code: "git-path" });
});
