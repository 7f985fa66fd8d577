/** The differential test's own judgement: what it may call undecided, and what stays a difference. */
import { expect, test } from "vitest";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import { agree, leftOpen } from "../../lab/differential/compare.ts";

const by = (why: "chance" | "source-port") => [{ why, rule: "drop", file: "rules", line: 4 }];
const byPort: Pick<ProbeResult, "verdict" | "unsettledBy" | "possible"> = {
  verdict: "reached",
  unsettledBy: by("source-port"),
  possible: ["filtered", "reached"],
};

test("a verdict that depends on the client's port differs from no answer that another port got", () => {
  expect(agree("timeout", "reached")).toBe(false);
  expect(leftOpen(byPort, "timeout")).toBe(true);
  expect(leftOpen({ ...byPort, verdict: "inconclusive" }, "answered")).toBe(true);
});

test("the control: an answer that no port got is a difference, and so is any other than a settled verdict's", () => {
  expect(leftOpen({ ...byPort, possible: ["refused", "reached"] }, "timeout")).toBe(false);
  expect(leftOpen({ ...byPort, possible: ["refused", "reached"] }, "wrong-service")).toBe(false);
  expect(leftOpen({ verdict: "reached" }, "timeout")).toBe(false);
  expect(leftOpen({ verdict: "filtered" }, "answered")).toBe(false);
  expect(leftOpen({ verdict: "inconclusive" }, "timeout")).toBe(false);
});

test("chance lets in or stops, but leads nobody elsewhere", () => {
  const byChance = { verdict: "filtered", unsettledBy: by("chance") } as const;
  expect(leftOpen(byChance, "answered")).toBe(true);
  expect(leftOpen({ ...byChance, verdict: "reached" }, "refused")).toBe(true);
  expect(leftOpen({ ...byChance, verdict: "reached" }, "wrong-service")).toBe(false);
});
