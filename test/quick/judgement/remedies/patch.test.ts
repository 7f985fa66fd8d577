import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { asPatch } from "../../../../harness/judgement/remedies/patch.ts";

const folder = mkdtempSync(join(tmpdir(), "forwardlab-patch-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Files = Record<string, string>;

/** The files after the real patch(1) has applied what `asPatch` wrote. */
function patched(before: Files, text: string): Files {
  rmSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(before)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  if (text !== "") execFileSync("patch", ["-p1", "--silent", "--no-backup-if-mismatch", "--binary"], { cwd: folder, input: text });
  return Object.fromEntries(Object.keys(before).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

const text = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "c", "", "-A INPUT", "\tx"), { minLength: 1, maxLength: 30 }),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
  )
  .map(([lines, ending, closed]) => `${lines.join(ending)}${closed ? ending : ""}`)
  .filter((content) => content !== "");

test("patch -p1 makes of the old files what they became, line ends and missing last ones included", () => {
  fc.assert(
    fc.property(text, text, text, (one, other, third) => {
      const before = { "etc/sshd_config": one, "policy.yaml": third };
      const after = { "etc/sshd_config": other, "policy.yaml": third };
      expect(patched(before, asPatch(before, after))).toEqual(after);
    }),
    { numRuns: 60 },
  );
});

test("changes far apart are hunks of their own, and several files stand in one patch", () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  const before = { a: `${lines.join("\n")}\n`, b: "x\n", c: "same\n" };
  const after = { a: `${lines.with(4, "changed").toSpliced(50, 1).join("\n")}\n`, b: "x\ny\n", c: "same\n" };
  const written = asPatch(before, after);
  expect(written.match(/^@@ .*$/gm)).toEqual(["@@ -2,7 +2,7 @@", "@@ -48,7 +48,6 @@", "@@ -1,1 +1,2 @@"]);
  expect(written).not.toContain("a/c");
  expect(patched(before, written)).toEqual(after);
});

test("no change is no patch", () => {
  expect(asPatch({ a: "x\n" }, { a: "x\n" })).toBe("");
});
