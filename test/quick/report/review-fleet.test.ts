/** Reports of the reviews of several servers: each format holds what it holds of each server alone, told apart by its name. */
import { describe, expect, test } from "vitest";
import { audiences } from "../../../harness/core/audience.ts";
import type { Review } from "../../../harness/core/review.ts";
import { type ReviewFleet, reviewFleetSchema } from "../../../harness/core/review-fleet.ts";
import { reviewFleetOf } from "../../../harness/judgement/review/review-fleet.ts";
import { renderReview, reviewFormats } from "../../../harness/report/render-review.ts";
import { githubReviewFleetOutputs } from "../../../harness/report/review-fleet-tests.ts";
import { refused } from "./fleet-sample.ts";
import { closed, exposing, hostileReview, unsure } from "./review-sample.ts";
import { hostile, page } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

type Server = ReviewFleet["servers"][number];

const subject = "site/policy.yaml";
const reviewed = (name: string, review: Review): Server => ({ name, review: { ...review, subject }, error: null });
const failed = (name: string): Server => ({ name, review: null, error: refused.error });

function fleetWith(servers: Server[]): ReviewFleet {
  return reviewFleetOf(servers, { tool: closed.tool, subject, startedAt: "2026-11-28T10:00:00.000Z", durationMs: 4200 });
}

const open = fleetWith([reviewed("server", exposing), reviewed("inner", closed)]);
const shut = fleetWith([reviewed("server", closed), reviewed("inner", closed)]);
const broken = fleetWith([reviewed("server", exposing), reviewed("inner", exposing), failed("mail")]);
const doubtful = fleetWith([reviewed("server", closed), reviewed("inner", unsure)]);
const hostileFleet = fleetWith([
  { ...reviewed(hostile, hostileReview(hostile)) },
  { name: `2 ${hostile}`, review: null, error: { code: "sshd-config", message: hostile, log: hostile, found: hostile } },
]);

test("it is complete only where each review is, and counts the findings of all", () => {
  expect([open, shut, broken, doubtful].map(({ outcome }) => outcome)).toEqual(["complete", "complete", "inconclusive", "inconclusive"]);
  for (const audience of audiences) expect(broken.counts[audience]).toBe(2 * exposing.counts[audience]);
  for (const fleet of [open, shut, broken, doubtful])
    expect(reviewFleetSchema.parse(JSON.parse(renderReview("json", fleet)))).toEqual(fleet);
});

test.each(["text", "markdown", "github", "tap"])("%s", async (format) => {
  const extension: Record<string, string> = { markdown: "md", tap: "tap" };
  const fleet = fleetWith([reviewed("server", unsure), reviewed("inner", closed), failed("mail")]);
  const told = (language: "en" | "ja") => renderReview(format, fleet, { width: 80, language });
  const both = format === "text" ? `${told("en")}\n${told("ja")}` : told("en");
  await expect(both).toMatchFileSnapshot(`golden/review-fleet-${format}.${extension[format] ?? "txt"}`);
});

test.each(reviewFormats)("%s: a pure function that names every server with a finding, or without a review", (format) => {
  const report = renderReview(format, broken, { page });
  for (const name of ["server", "inner", "mail"]) expect(report).toContain(name);
  expect(renderReview(format, broken, { page })).toBe(report);
  expect(report.endsWith("\n")).toBe(true);
  expect(report.replaceAll("\\", "")).toContain("GatewayPort");
});

test.each(reviewFormats.filter((format) => format !== "html"))(
  "%s: a review of one server alone names it, one of the only server does not",
  (format) => {
    expect(renderReview(format, { ...exposing, subject, server: "inner" })).toMatch(/\binner\b/);
    expect(renderReview(format, { ...exposing, subject })).not.toMatch(/\binner\b/);
  },
);

test("text, Markdown and SARIF tell the reviews of two servers of a policy apart by their heads", () => {
  const inner: Review = { ...exposing, subject, server: "inner" };
  expect(renderReview("text", inner).split("\n")[0]).toMatch(/ {2}site\/policy\.yaml \(inner\)$/);
  expect(renderReview("text", inner, { language: "ja" }).split("\n")[0]).toMatch(/ {2}site\/policy\.yaml \(inner\)$/);
  expect(renderReview("markdown", inner)).toContain("`site/policy.yaml (inner)`");
  const category = (review: Review) => JSON.parse(renderReview("sarif", review)).runs[0].automationDetails.id as string;
  expect([category(inner), category({ ...exposing, subject })]).toEqual([
    "forwardlab/review/site/policy.yaml/inner/",
    "forwardlab/review/site/policy.yaml/",
  ]);
});

describe("the same findings on two servers", () => {
  test("JUnit: as many cases as both have alone, and one for the server without a review; all names different", () => {
    const cases = elements(parseXml(renderReview("junit", broken)), "testcase");
    const alone = elements(parseXml(renderReview("junit", exposing)), "testcase").length;
    expect(cases.length).toBe(2 * alone + 1);
    expect(new Set(cases.map((one) => one.attributes.name)).size).toBe(cases.length);
  });

  test("TAP: as many points as planned; it bails out only without a verdict", () => {
    for (const [fleet, bails] of [
      [open, false],
      [broken, true],
    ] as const) {
      const lines = renderReview("tap", fleet).trimEnd().split("\n");
      expect(lines[1]).toBe(`1..${lines.filter((line) => /^(not )?ok /.test(line)).length}`);
      expect(lines.at(-1)?.startsWith("Bail out!")).toBe(bails);
    }
  });

  test("SARIF and code quality: a fingerprint for each, whichever server comes first", () => {
    const prints = (fleet: ReviewFleet) =>
      JSON.parse(renderReview("sarif", fleet)).runs[0].results.map((one: { partialFingerprints: object }) =>
        JSON.stringify(one.partialFingerprints),
      ) as string[];
    expect(new Set(prints(broken)).size).toBe(2 * exposing.findings.length);
    expect(prints(fleetWith([...broken.servers].reverse())).sort()).toEqual(prints(broken).sort());
    const marks = (JSON.parse(renderReview("gitlab", broken)) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
    expect(new Set(marks).size).toBe(marks.length);
    const { runs } = JSON.parse(renderReview("sarif", broken));
    expect(runs[0].invocations[0].executionSuccessful).toBe(false);
    expect(JSON.parse(renderReview("sarif", open)).runs[0].invocations[0].executionSuccessful).toBe(true);
  });
});

test("GitHub Actions is told the outcome and the findings of all", () => {
  const outputs = githubReviewFleetOutputs(broken);
  expect(outputs).toContain("outcome=inconclusive\n");
  expect(outputs).toContain(`findings=${2 * exposing.findings.length}\n`);
  expect(outputs).toContain("servers=3\n");
});

test("hostile texts steer nothing, in any format that people read", () => {
  for (const format of ["text", "markdown", "github", "tap"]) {
    const report = renderReview(format, hostileFleet);
    expect(report, format).not.toMatch(/\p{Cc}(?<!\n)/u);
    for (const line of report.split("\n")) expect(line.startsWith("::stop-commands") || line.startsWith("::error::")).toBe(false);
  }
  parseXml(renderReview("junit", hostileFleet));
});
