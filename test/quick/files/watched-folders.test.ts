import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Burst, WatchedFolders } from "../../../harness/files/watched-folders.ts";
import { folderOf } from "../cli/run-cli.ts";

test("a burst ends after a moment of silence, and knows what has changed since it was asked", async () => {
  using burst = new Burst();
  burst.add("etc");
  burst.add("etc");
  expect(burst.take()).toEqual(["etc"]);
  expect([burst.goesOn, burst.isOver]).toEqual([false, false]);
  burst.add("keys");
  await burst.over;
  expect([burst.goesOn, burst.isOver]).toEqual([true, true]);
  expect(burst.take()).toEqual(["keys"]);
  expect(burst.goesOn).toBe(false);
});

test("a file that is saved, or takes the place of another one, is a change of its folder; nothing else is", async () => {
  await using folder = await folderOf({ "a/policy.yaml": "1", "b/policy.yaml": "1", "c/policy.yaml": "1" });
  const at = (path: string) => join(folder.path, path);
  using folders = new WatchedFolders();
  expect(["a", "b"].map((each) => folders.add(at(each)))).toEqual([true, true]);
  writeFileSync(at("c/policy.yaml"), "2");
  writeFileSync(at("a/policy.yaml"), "2");
  const first = await folders.next(undefined);
  await first?.over;
  expect(first?.take()).toEqual([at("a")]);
  writeFileSync(at("c/new"), "2");
  renameSync(at("c/new"), at("b/policy.yaml"));
  expect((await folders.next(undefined))?.take()).toContain(at("b"));
});

test.for(["noticed in between", "not noticed"])("a folder that was removed and made again is watched again: %s", async (when) => {
  await using folder = await folderOf({ "a/policy.yaml": "1" });
  const path = join(folder.path, "a");
  using folders = new WatchedFolders();
  folders.add(path);
  rmSync(path, { recursive: true });
  if (when === "not noticed") mkdirSync(path);
  await (await folders.next(undefined))?.over;
  if (when === "noticed in between") {
    expect(folders.add(path)).toBe(false);
    mkdirSync(path);
  }
  expect(folders.add(path)).toBe(true);
  expect(folders.watched).toBe(2);
  // It is the same one.
  expect(folders.add(path)).toBe(true);
  expect(folders.watched).toBe(2);
  writeFileSync(join(path, "policy.yaml"), "2");
  expect((await folders.next(undefined))?.take()).toEqual([path]);
});

test("after the signal there is nothing to wait for", async () => {
  await using folder = await folderOf({ "a/policy.yaml": "1" });
  using folders = new WatchedFolders();
  folders.add(join(folder.path, "a"));
  const stop = new AbortController();
  const next = folders.next(stop.signal);
  stop.abort();
  expect(await next).toBeUndefined();
  expect(await folders.next(stop.signal)).toBeUndefined();
});
