import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./imports.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

test("the version is the same wherever it stands", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const lock = JSON.parse(read("package-lock.json")) as { version: string; packages: Record<string, { version: string }> };
  expect([lock.version, lock.packages[""]?.version]).toEqual([version, version]);
  const [, released] = /^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/m.exec(read("CHANGELOG.md")) ?? [];
  expect(released).toBe(version);
  expect(read("templates/verify.yml")).toContain(`default: "${version}"`);
  for (const file of ["README.md", "README.ja.md", "docs/ci.md"]) {
    const tags = [...read(file).matchAll(/(?:OWNER\/\S*@|rev: )(\S+)/g)].map(([, tag]) => tag);
    expect(tags.length, file).toBeGreaterThan(0);
    expect(new Set(tags), file).toEqual(new Set([`v${version}`]));
  }
});
