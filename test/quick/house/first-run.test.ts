/** What a first run installs, and what it does while npm still installs, hang on who imports what. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modulesBelow, root } from "./imports.ts";

const modules = new Map(modulesBelow("harness").map((module) => [module.path, module]));
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Packages that a module and all that it imports load, as `MODULE PACKAGE`. */
function packagesFrom(start: string): string[] {
  const reached = new Set([start]);
  const found: string[] = [];
  for (const path of reached)
    for (const { target, own, typeOnly } of modules.get(path)?.imports ?? []) {
      if (typeOnly || target.startsWith("node:")) continue;
      if (own) reached.add(target);
      else found.push(`${path} ${target}`);
    }
  return found;
}

test("without the development dependencies only pages and scenarios are missing", () => {
  const missing = packagesFrom("harness/cli/main.ts").filter((each) => !packageJson.dependencies[each.split(" ")[1] as string]);
  const places = new Set(missing.map((each) => each.split(" ")[0]));
  expect([...places].sort()).toEqual(["harness/learn/scenario-runner.ts", "harness/web/build-page.ts"]);
});

test("what runs beside npm loads nothing of npm's before it speaks to an engine", () => {
  expect(packagesFrom("harness/cli/prepare.ts")).toEqual(["harness/engine/load-dockerode.ts dockerode"]);
});
