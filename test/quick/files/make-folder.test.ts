import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../../harness/files/make-folder.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "forwardlab-make-folder-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("makes the folder and those above it, and is content with one that is there", () => {
  const path = join(folder(), "a/b/c");
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("where the kernel makes no folders, the error is told at once", () => {
  expect(() => makeFolder("/proc/forwardlab/cache")).toThrow(/ENOENT.*'\/proc\/forwardlab'/);
});

test("a file in the way is an error", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, "below"))).toThrow(/ENOTDIR|EEXIST/);
});
