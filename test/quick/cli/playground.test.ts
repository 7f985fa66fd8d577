/** `forwardlab playground`: where the page goes, and what it must not hold. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { modulesBelow } from "../house/imports.ts";
import { cli, folderOf } from "./run-cli.ts";

describe("the file", () => {
  test("is one page that loads nothing, and its path is told", async () => {
    await using folder = await folderOf({});
    const file = join(folder.path, "new", "page.html");
    expect(await cli(["playground", "--out", file])).toEqual({ code: 0, stdout: `${file}\n`, stderr: "" });
    const page = await readFile(file, "utf8");
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(?:link|img|iframe)\b|\bsrc="http|@import|__vite-browser-external/);
    expect(page.length).toBeLessThan(300_000);
  });

  test("goes to standard output, in the language asked for", async () => {
    const { code, stdout } = await cli(["playground", "--out", "-", "--lang", "ja"]);
    expect(code).toBe(0);
    expect(stdout).toContain('id="document">{"language":"ja"}</script>');
  });

  test("cannot be written: an error that names the path", async () => {
    await using folder = await folderOf({ file: "" });
    const out = join(folder.path, "file", "page.html");
    const { code, stdout, stderr } = await cli(["playground", "--out", out]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(out);
    expect((await cli(["playground", "--lang", "xx", "--out", out])).stderr).toContain("no such language");
  });
});

test("nothing on the page's way needs Node", () => {
  const modules = new Map(modulesBelow("harness").map((module) => [module.path, module]));
  const seen = new Set(["harness/web/playground/main.tsx"]);
  for (const path of seen)
    for (const { own, target, typeOnly } of modules.get(path)?.imports ?? []) {
      if (typeOnly) continue;
      if (own) seen.add(target);
      else expect(["ipaddr.js", "preact", "zod"], `${path} imports ${target}`).toContain(target);
    }
  expect(seen.size).toBeGreaterThan(60);
});
