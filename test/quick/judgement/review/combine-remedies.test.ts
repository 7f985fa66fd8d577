/** Remedies of several findings, one on top of the other, and the patch that they make. */
import { describe, expect, test } from "vitest";
import type { Audience } from "../../../../harness/core/audience.ts";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import type { Edit } from "../../../../harness/judgement/remedies/candidate.ts";
import type { JudgedReview } from "../../../../harness/judgement/review/judge-review.ts";
import { SourceIndex } from "../../../../harness/judgement/review/reach.ts";
import { combinedPatch, combineRemedies } from "../../../../harness/pipelines/combine-remedies.ts";
import type { Changed } from "../../../../harness/pipelines/review-changes.ts";
import type { ReviewRemedy } from "../../../../harness/pipelines/try-review-remedies.ts";
import { fixPatchText } from "../../../../harness/report/fix-patch.ts";
import { closed, finding } from "../../report/review-sample.ts";

const noSources = new SourceIndex({ classes: [], uncovered: [], inexact: [] }, articleLab());

/** Findings by their ids, each with exposures of its own. */
function judged(exposures: Record<string, string[]>, audiences: Record<string, Audience> = {}): JudgedReview {
  const findings = Object.keys(exposures).map((id) =>
    finding(id, { kind: "listener", audience: audiences[id] ?? "internet", code: "review-listener-outside", ports: "80" }),
  );
  return { review: { ...closed, findings }, exposures: new Map(Object.entries(exposures)), ways: [], sources: noSources };
}

const line = (number: number, text = "x"): Edit => ({ file: "fw", line: number, action: "replace", lines: [text] });
const remedy = (...edits: Edit[]): ReviewRemedy => ({ changes: [{ code: "review-remove-rule", params: { place: "fw:1" }, edits }], edits });

/** @param gives what is left with these lines changed; undefined: the tools refuse them */
function trying(gives: (lines: number[]) => Record<string, string[]> | undefined) {
  const tried: number[][] = [];
  const measure = async (edits: readonly Edit[]): Promise<Changed | undefined> => {
    const lines = edits.map((edit) => edit.line);
    tried.push(lines);
    const left = gives(lines);
    return left && { judged: judged(left), policy: undefined as never };
  };
  return { tried, measure };
}

const before = { a: ["a1"], b: ["b1", "b2"], c: ["c1"] };
const without = (...ids: string[]) => Object.fromEntries(Object.entries(before).filter(([id]) => !ids.includes(id)));
const linesOf: Record<number, string> = { 1: "a", 2: "b", 3: "c" };
const all = new Map([
  ["a", remedy(line(1))],
  ["b", remedy(line(2))],
  ["c", remedy(line(3))],
]);
const ids = (told: readonly { finding: { id: string } }[]) => told.map((each) => each.finding.id);
const whys = ({ skipped }: Awaited<ReturnType<typeof combineRemedies>>) =>
  skipped.map(({ finding: { id }, cause }) => `${id} ${cause.code}`);

describe("remedies together", () => {
  test("each is tried on top of those before it", async () => {
    const changes = trying((lines) => without(...lines.map((each) => linesOf[each] ?? "")));
    const combined = await combineRemedies(judged(before), all, changes);
    expect([ids(combined.fixed), combined.skipped, changes.tried]).toEqual([["a", "b", "c"], [], [[1], [1, 2], [1, 2, 3]]]);
    expect(combined.edits).toEqual([line(1), line(2), line(3)]);
  });

  test("what an earlier one takes away needs none", async () => {
    const changes = trying((lines) => (lines.includes(1) ? without("a", "b", ...(lines.includes(3) ? ["c"] : [])) : before));
    const combined = await combineRemedies(judged(before), all, changes);
    expect(combined.fixed.map(({ finding: { id }, by }) => [id, by?.[0]?.edits[0]?.line])).toEqual([
      ["a", 1],
      ["b", undefined],
      ["c", 3],
    ]);
  });

  test.each<[string, string, (lines: number[]) => Record<string, string[]> | undefined]>([
    ["opens something", "b patch-opens", (lines) => (lines.includes(2) ? { ...without("a", "b"), d: ["new"] } : without("a"))],
    ["does not help", "b patch-no-help", () => without("a")],
    ["brings another one back", "b patch-no-help", (lines) => (lines.includes(2) ? without("b") : without("a"))],
    ["is refused", "b patch-refused", (lines) => (lines.includes(2) ? undefined : without("a"))],
  ])("one that %s together with the others is left out", async (_, said, gives) => {
    const combined = await combineRemedies(judged(before), new Map([...all].slice(0, 2)), trying(gives));
    expect([ids(combined.fixed), whys(combined)]).toEqual([["a"], [said, "c patch-no-fix"]]);
    expect(combined.edits).toEqual([line(1)]);
  });

  test("one that changes a line of another is left out, untried; the very same change is made once", async () => {
    const changes = trying((lines) => without(...(lines.length > 0 ? ["a"] : [])));
    const other = new Map([
      ["a", remedy(line(1))],
      ["b", remedy(line(1, "y"))],
    ]);
    expect(whys(await combineRemedies(judged(before), other, changes))).toEqual(["b patch-conflict", "c patch-no-fix"]);
    expect(changes.tried).toEqual([[1]]);
    const same = new Map([
      ["a", remedy(line(1))],
      ["b", remedy(line(1), line(2))],
    ]);
    const twice = await combineRemedies(
      judged(before),
      same,
      trying((lines) => without("a", ...(lines.includes(2) ? ["b"] : []))),
    );
    expect(twice.edits).toEqual([line(1), line(2)]);
  });

  test("only of those that reach so far", async () => {
    const changes = trying((lines) => without(...lines.map((each) => linesOf[each] ?? "")));
    const ranked = judged(before, { b: "lan", c: "account" });
    expect(ids((await combineRemedies(ranked, all, changes, "lan")).fixed)).toEqual(["a", "b"]);
    expect(changes.tried).toEqual([[1], [1, 2]]);
  });
});

describe("the patch", () => {
  const names = (diff: string) => [...diff.matchAll(/^--- a\/(.*)$/gm)].map(([, name]) => name);

  test("names files from the folder of the policy", () => {
    const files = { "etc/fw": "1\n", sshd_config: "2\n", other: "3\n" };
    const { folder, diff } = combinedPatch("/srv/site", files, [
      { ...line(1), file: "etc/fw" },
      { ...line(1), file: "sshd_config" },
    ]);
    expect([folder, names(diff)]).toEqual(["/srv/site", ["etc/fw", "sshd_config"]]);
  });

  test("names files elsewhere from the folder that has them all", () => {
    const files = { "../etc/nft/fw": "1\n", "../etc/ssh/sshd_config": "2\n" };
    const both = combinedPatch(
      "/srv/site",
      files,
      Object.keys(files).map((file) => ({ ...line(1), file })),
    );
    expect([both.folder, names(both.diff)]).toEqual(["/srv/etc", ["nft/fw", "ssh/sshd_config"]]);
    const one = combinedPatch("/srv/site", files, [{ ...line(1), file: "../etc/nft/fw" }]);
    expect([one.folder, names(one.diff)]).toEqual(["/srv/etc/nft", ["fw"]]);
  });

  test("says what it is for, where it applies and what is left out, in lines that patch skips", () => {
    const [a, b] = judged(before).review.findings.map((each) => ({ finding: each }));
    if (!a || !b) throw new Error("no findings");
    const cause = { code: "patch-conflict", params: {} };
    const text = fixPatchText({ diff: "--- a/x\n", folder: "etc", fixed: [{ ...a, by: remedy().changes }], skipped: [{ ...b, cause }] });
    const [head, fix, title, left, first] = text.split("\n");
    expect(head).toBe("# Fixes of 1 finding; run `patch -p1` in etc");
    expect(fix).toMatch(/^# {3}a: tunnel can open port 80 .* Fix: remove the rule at fw:1$/);
    expect([title, left, first]).toEqual(["# Left out:", expect.stringMatching(/^# {3}b: .* a fix above changes, too\.$/), "--- a/x"]);
    expect(fixPatchText({ diff: "", folder: ".", fixed: [], skipped: [] })).toBe("");
  });
});
