/** Where there is no room for what a command writes, it has no verdict, and nobody finds half a report. */
import { execFile } from "node:child_process";
import { readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { passing } from "../report/sample.ts";
import { cli, folderOf, main } from "./run-cli.ts";

const result = JSON.stringify(passing);
/** Needs no lab. */
const compare = (folder: string) => ["diff", join(folder, "result.json"), join(folder, "result.json")];

function shell(script: string, words: readonly string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    const child = execFile("sh", ["-c", script, process.execPath, "--no-warnings", main, ...words], (_, __, stderr) =>
      done({ code: child.exitCode ?? -1, stderr }),
    );
  });
}

test("standard output takes no more", async () => {
  await using folder = await folderOf({ "result.json": result });
  const { code, stderr } = await shell('exec "$0" "$@" > /dev/full', compare(folder.path));
  expect(stderr).toMatch(/^error\[disk-full\]: /);
  expect([code, (await cli(compare(folder.path))).code]).toEqual([2, 0]);
});

test("a report that the disk has no room for", async () => {
  await using folder = await folderOf({ "result.json": result });
  const { code, stderr } = await cli([...compare(folder.path), "--quiet", "--report", "json=/dev/full"]);
  expect(stderr).toMatch(/^error\[disk-full\]: cannot write the json report to \/dev\/full: the disk is full/);
  expect(code).toBe(2);
});

test("a report that is cut off is none: what was there before stays", async () => {
  await using folder = await folderOf({ "result.json": result, "old.json": "old" });
  const at = (name: string) => join(folder.path, name);
  // No file may have more than 512 bytes.
  const cut = (name: string) => shell('ulimit -f 1; exec "$0" "$@"', [...compare(folder.path), "--quiet", "--report", `json=${at(name)}`]);
  for (const name of ["old.json", "new.json"])
    expect(await cut(name)).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot write the json report") });
  expect((await readdir(folder.path)).sort()).toEqual(["old.json", "result.json"]);
  expect(await readFile(at("old.json"), "utf8")).toBe("old");
});

test("the control: where there is room, it is there, also through a link, which stays one", async () => {
  await using folder = await folderOf({ "result.json": result, "old.json": "old" });
  await symlink("old.json", join(folder.path, "link.json"));
  const words = [...compare(folder.path), "--quiet", "--report", `json=${join(folder.path, "link.json")}`];
  expect((await cli(words)).code).toBe(0);
  expect(JSON.parse(await readFile(join(folder.path, "old.json"), "utf8"))).toHaveProperty("schemaVersion");
  expect((await readdir(folder.path)).sort()).toEqual(["link.json", "old.json", "result.json"]);
});
