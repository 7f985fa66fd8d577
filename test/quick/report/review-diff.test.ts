/** Reports of what changed between two reviews, as they were agreed on: `vitest run -u` when they are to change. */
import { describe, expect, test } from "vitest";
import type { Review, ReviewFinding } from "../../../harness/core/review.ts";
import { type ReviewDiff, reviewDiffSchema } from "../../../harness/core/review-diff.ts";
import { compareReviews } from "../../../harness/judgement/review/compare-reviews.ts";
import { diffFormats, renderDiff } from "../../../harness/report/render-diff.ts";
import { exposing, hostileReview, unsure } from "./review-sample.ts";
import { hostile, page } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

const tool = { name: "forwardlab", version: "0.1.0" };
const compare = (before: Review, after: Review) =>
  compareReviews({ before, after, names: { before: "before.json", after: "after.json" }, tool });

const without = (...ids: string[]): Review => ({ ...exposing, findings: exposing.findings.filter(({ id }) => !ids.includes(id)) });
const [internet, networks, lan] = exposing.findings as [ReviewFinding, ReviewFinding, ReviewFinding];
const narrower = { ...networks, destinations: networks.destinations.slice(0, 2) };

/** New for the internet, gone for the LAN, less for the networks. */
const diff = compare(without(internet.id), {
  ...without(lan.id),
  findings: without(lan.id).findings.map((each) => (each.id === networks.id ? narrower : each)),
});
const closing = compare(exposing, without(internet.id, networks.id));
const same = compare(exposing, exposing);
const unproven = compare(unsure, unsure);

describe("the formats", () => {
  test.each(diffFormats.filter((format) => format !== "html"))("%s", async (format) => {
    const extension: Record<string, string> = { text: "txt", markdown: "md", github: "txt", junit: "xml", tap: "tap" };
    const golden = `golden/review-diff-${format}.${extension[format] ?? "json"}`;
    await expect(renderDiff(format, diff, { width: 80 })).toMatchFileSnapshot(golden);
  });

  test("text, in Japanese", async () => {
    await expect(renderDiff("text", diff, { width: 80, language: "ja" })).toMatchFileSnapshot("golden/review-diff-text.ja.txt");
  });

  test("the sample has something new, something gone and something that is less", () => {
    expect(diff).toMatchObject({
      outcome: "exposure-added",
      opened: [{ id: internet.id }],
      gone: [{ id: lan.id }],
      changed: [{ after: { id: networks.id } }],
    });
    expect(reviewDiffSchema.parse(JSON.parse(renderDiff("json", diff)))).toEqual(diff);
    expect([closing.outcome, closing.gone.length, same.outcome, unproven.outcome]).toEqual([
      "no-exposure-added",
      2,
      "no-exposure-added",
      "inconclusive",
    ]);
  });

  test.each(diffFormats)("%s: a pure function that ends with a newline, whatever the reviews", (format) => {
    for (const one of [diff, closing, same, unproven, compare(exposing, hostileReview(hostile))]) {
      const before = JSON.stringify(one);
      const report = renderDiff(format, one, { page });
      expect(report.endsWith("\n")).toBe(true);
      expect(JSON.stringify(one)).toBe(before);
      if (["text", "markdown", "github", "tap"].includes(format)) expect(report).not.toMatch(/\p{Cc}(?<!\n)/u);
    }
  });
});

test.each<[string, ReviewDiff, number]>([
  ["something new", diff, 1],
  ["only less", closing, 0],
  ["the same", same, 0],
  ["not proven", unproven, 0],
])("tests and alerts fail for what is new alone: %s", (_, one, failures) => {
  const inconclusive = one.outcome === "inconclusive";
  const cases = elements(parseXml(renderDiff("junit", one)), "testcase");
  const count = (tag: string) => cases.filter(({ children }) => children.some((child) => child.name === tag)).length;
  expect([count("failure"), count("error")]).toEqual([failures, inconclusive ? 1 : 0]);
  const tap = renderDiff("tap", one).split("\n");
  expect(tap.filter((line) => line.startsWith("not ok "))).toHaveLength(failures);
  expect(tap.some((line) => line.startsWith("Bail out!"))).toBe(inconclusive);
  const { results, invocations } = JSON.parse(renderDiff("sarif", one)).runs[0];
  expect([results.length, invocations[0].executionSuccessful]).toEqual([failures, !inconclusive]);
  const quality = JSON.parse(renderDiff("gitlab", one)) as { check_name: string; location: object }[];
  expect(quality.map(({ check_name: name }) => name)).toEqual([
    ...(failures > 0 ? ["forwardlab/listener-internet"] : []),
    ...(inconclusive ? ["forwardlab/inconclusive"] : []),
  ]);
});

test("files of a policy's review are named from where the policy is", () => {
  const named = (subject: string) =>
    JSON.parse(renderDiff("gitlab", compare({ ...without(internet.id), subject }, { ...exposing, subject })))[0].location.path;
  expect([named("site/sshd_config"), named("lab/policy.yaml")]).toEqual(["site/sshd_config", "lab/site/sshd_config"]);
});
