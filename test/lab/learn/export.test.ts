/** Lessons as pages for a class. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

test("two lessons become pages with their runs; whatever else lies in a folder keeps an export away", async () => {
  await using folder = await folderOf({});
  const names = ["no-colon", "leading-colon"];
  const { code, stdout, stderr } = await cli(["learn", "--export", folder.path, ...names]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.trim()).toBe(join(folder.path, "index.html"));
  expect((await readdir(folder.path)).toSorted()).toEqual(["forwardlab-lessons.json", "index.html", "leading-colon.html", "no-colon.html"]);
  const page = await readFile(join(folder.path, "leading-colon.html"), "utf8");
  expect(page).toContain("0.0.0.0:43234");
  expect(page).toContain("Content-Security-Policy");
  expect(await readFile(join(folder.path, "index.html"), "utf8")).toContain('"no-colon"');

  await writeFile(join(folder.path, "thesis.txt"), "");
  const refused = await cli(["learn", "--export", folder.path, ...names]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("error[export]");
  expect(refused.stderr).toContain("thesis.txt");
});
