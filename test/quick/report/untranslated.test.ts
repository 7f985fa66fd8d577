/** Errors that Japanese readers get in English: none of a policy's, but for the files that are known to have some. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../house/imports.ts";

/** The files in which an error is made without a fault, which its Japanese words need. */
function untranslated(sources: Readonly<Record<string, string>>): string[] {
  return Object.entries(sources).flatMap(([file, source]) =>
    argumentsOf(source).some((text) => !/\bfault\b|\.\.\.details/.test(text)) ? [file] : [],
  );
}

/** The text between the brackets of each `new UserError(…)`. */
function argumentsOf(source: string): string[] {
  return source
    .split("new UserError(")
    .slice(1)
    .map((rest) => {
      let depth = 1;
      const end = [...rest].findIndex((letter) => {
        depth += Number(letter === "(") - Number(letter === ")");
        return depth === 0;
      });
      return rest.slice(0, end);
    });
}

test("each error of a policy has a fault", () => {
  const files = globSync("harness/policy/**/*.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(40);
  const found = untranslated(Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), "utf8")])));
  // A file that has none left goes from this list.
  expect(found.sort()).toEqual(
    [
      "asked-forwards",
      "chosen-keys",
      "client-config",
      "find-policies",
      "given-files",
      "jumps",
      "load-policy",
      "load-ssh-config",
      "load-sshd-config",
      "read-units",
      "schema-faults",
      "yaml-source",
    ].map((name) => `harness/policy/${name}.ts`),
  );
});

test("what is found, and what is not", () => {
  const of = (source: string) => untranslated({ file: source }).length;
  expect(of('throw new UserError("a", `b (${c})`, { found: d(e) });')).toBe(1);
  expect(of('throw new UserError("a", "b", { found: c, fault: faultOf("d", {}) });')).toBe(0);
  expect(of('throw new UserError("a", "b", { fault: f }); throw new UserError("a", "b");')).toBe(1);
});
