/** Reports of fleets compared: each format holds what it holds of each server alone, told apart by its name. */
import { expect, test } from "vitest";
import { type DiffFleet, diffFleetSchema } from "../../../harness/core/diff-fleet.ts";
import type { Result } from "../../../harness/core/result.ts";
import { compareFleets } from "../../../harness/judgement/diff/compare-fleets.ts";
import { diffFormats, renderDiff } from "../../../harness/report/render-diff.ts";
import { failing, hostile, page, passing, withHostileTexts } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

const tool = passing.tool;
const seen = (name: string, result: Result) => ({ name, result, error: null });
const error = {
  code: "sshd-config",
  message: "sshd refuses the config",
  place: { file: "etc/sshd_config", line: 3 },
  todo: "correct the line",
};

const fleet: DiffFleet = compareFleets(
  [
    { name: "a", before: seen("old/a", passing), after: seen("new/a", passing) },
    { name: "b", before: seen("old/b", passing), after: seen("new/b", failing) },
    { name: "c", after: seen("new/c", passing) },
    { name: "d", before: seen("old/d", passing) },
    { name: "e", before: seen("old/e", passing), after: { name: "new/e", result: null, error } },
  ],
  { names: { before: "old", after: "new" }, tool },
);
const hostileFleet = compareFleets(
  [
    { name: hostile, before: seen(hostile, passing), after: seen(hostile, withHostileTexts()) },
    {
      name: `2 ${hostile}`,
      after: { name: hostile, result: null, error: { code: "sshd-config", message: hostile, todo: hostile, log: hostile } },
    },
  ],
  { names: { before: hostile, after: hostile }, tool },
);

test("the document is what its schema says", () => {
  expect(diffFleetSchema.parse(JSON.parse(renderDiff("json", fleet)))).toEqual(fleet);
});

test.each(diffFormats.filter((format) => format !== "html"))("%s tells of each server that changed, by its name", async (format) => {
  const report = renderDiff(format, fleet, { width: 90 });
  for (const name of ["b", "c", "e"]) expect(report).toMatch(new RegExp(`(^|[^\\w])${name}([^\\w]|$)`, "m"));
  const extension: Record<string, string> = { text: "txt", markdown: "md", junit: "xml", tap: "tap", github: "txt" };
  if (["text", "markdown"].includes(format))
    await expect(report).toMatchFileSnapshot(`golden/diff-fleet-${format}.${extension[format] ?? "json"}`);
});

test("a new policy and one that is gone are said, in either language", () => {
  expect(renderDiff("text", fleet)).toMatch(/ c +new policy: .*newly open[\s\S]* d +policy is gone: /);
  expect(renderDiff("text", fleet, { language: "ja" })).toMatch(/新しいポリシー: [\s\S]*ポリシーがなくなりました: /);
});

test("what is newly open fails, and what could not be compared is an error", () => {
  const root = parseXml(renderDiff("junit", fleet));
  const failed = (tag: string) =>
    elements(root, "testcase").flatMap((one) =>
      one.children.some(({ name }) => name === tag) ? String(one.attributes.name).slice(0, 2) : [],
    );
  expect(new Set(failed("failure"))).toEqual(new Set(["b:", "c:"]));
  expect(failed("error")).toContain("e:");
  const sarif = JSON.parse(renderDiff("sarif", fleet)).runs[0];
  expect(sarif.results.length).toBeGreaterThan(0);
  expect(sarif.invocations[0].executionSuccessful).toBe(false);
  const prints = JSON.parse(renderDiff("gitlab", fleet)).map(({ fingerprint }: { fingerprint: string }) => fingerprint);
  expect(new Set(prints).size).toBe(prints.length);
});

test("hostile texts steer nothing, in any format", () => {
  for (const format of ["text", "markdown", "github", "tap"]) {
    const report = renderDiff(format, hostileFleet);
    expect(report, format).not.toMatch(/\p{Cc}(?<!\n)/u);
    for (const line of report.split("\n")) expect(line.startsWith("::stop-commands") || line.startsWith("::error::")).toBe(false);
  }
  const written = renderDiff("html", hostileFleet, { page });
  expect(written).not.toMatch(/<script|<\/system-out/);
  expect(written).toContain("diff-fleet");
});
