import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { knownModule } from "../../../harness/cli/known-modules.ts";
import { importsOf, modulesBelow, root } from "../house/imports.ts";

const zod = dirname(fileURLToPath(import.meta.resolve("zod")));
const urlOf = (path: string) => pathToFileURL(path).href;

interface Imported {
  importer: string;
  specifier: string;
}

/** What Node would load, of all that one of these files imports by a path. */
function byPath(files: readonly { path: string; imports: readonly { specifier: string; typeOnly: boolean }[] }[]): Imported[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith("."))
      .map(({ specifier }) => ({ importer: path, specifier })),
  );
}

const own = byPath(modulesBelow("harness").map(({ path, imports }) => ({ path: join(root, path), imports })));
const ofZod = byPath(
  globSync("{*,v4/{classic,core,mini}/*}.js", { cwd: zod }).map((name) => ({
    path: join(zod, name),
    imports: importsOf(name, readFileSync(join(zod, name), "utf8")),
  })),
);

test("each of this package's modules, and of zod's, is where it is said to be", () => {
  expect(own.length).toBeGreaterThan(1000);
  expect(ofZod.length).toBeGreaterThan(50);
  for (const { importer, specifier } of [...own, ...ofZod]) {
    const known = knownModule(specifier, urlOf(importer));
    if (!known || known.url.startsWith("data:")) continue;
    const path = fileURLToPath(known.url);
    expect(existsSync(path), `${specifier} of ${importer}`).toBe(true);
    expect(realpathSync(path)).toBe(path);
  }
});

test("they are of the format that they are said to be", () => {
  const formats = new Set(own.map(({ importer, specifier }) => knownModule(specifier, urlOf(importer))?.format));
  expect(formats.has("module-typescript")).toBe(true);
  expect(formats.has("module")).toBe(false);
  expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toMatchObject({ type: "module" });
  expect(new Set(ofZod.map(({ importer, specifier }) => knownModule(specifier, urlOf(importer))?.format))).toEqual(new Set(["module"]));
  expect(JSON.parse(readFileSync(join(zod, "package.json"), "utf8"))).toMatchObject({ type: "module" });
});

test("of zod's languages, the only module that is left out, nothing is used", () => {
  const leftOut = ofZod.filter(({ importer, specifier }) => knownModule(specifier, urlOf(importer))?.url.startsWith("data:"));
  expect([...new Set(leftOut.map(({ specifier }) => specifier))]).toEqual(["../locales/index.js"]);
  expect(own.some(({ specifier }) => specifier.includes("zod"))).toBe(false);
  for (const { path } of modulesBelow("harness")) expect(readFileSync(join(root, path), "utf8"), path).not.toMatch(/\bz\.locales\b/);
});

test("for all else, Node looks", () => {
  const importer = urlOf(join(root, "harness/cli/main.ts"));
  expect(knownModule("./verify.ts", importer)?.url).toBe(urlOf(join(root, "harness/cli/verify.ts")));
  for (const specifier of ["zod", "node:fs", "./words.json", "../../bench/main.ts", importer])
    expect(knownModule(specifier, importer)).toBe(undefined);
  for (const other of [undefined, urlOf(join(root, "bench/main.ts")), urlOf(join(dirname(zod), "commander/index.js"))])
    expect(knownModule("./verify.ts", other)).toBe(undefined);
});
