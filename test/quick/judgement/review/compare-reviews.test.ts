/** What changed between two reviews. */
import { describe, expect, test } from "vitest";
import type { Review, ReviewFinding } from "../../../../harness/core/review.ts";
import { compareReviews } from "../../../../harness/judgement/review/compare-reviews.ts";
import { exposing } from "../../report/review-sample.ts";

const tool = { name: "forwardlab", version: "0.1.0" };
const compared = (before: Review, after: Review) => compareReviews({ before, after, names: { before: "before", after: "after" }, tool });

function withFindings(...findings: ReviewFinding[]): Review {
  return { ...exposing, findings };
}

const found = (id: string) => exposing.findings.find((each) => each.id === id) as ReviewFinding;
const office = found("listener-networks-306dc385");

test("the same review twice: nothing changed", () => {
  expect(compared(exposing, exposing)).toMatchObject({ outcome: "no-exposure-added", opened: [], gone: [], changed: [], settings: [] });
});

describe("the server's addresses", () => {
  /** All of the office get in at the second address, too. */
  const more = {
    ...office,
    destinations: office.destinations.map((each) =>
      each.address.includes(":") ? each : { ...each, all: true, visitors: office.visitors },
    ),
  };

  test("a visitor who newly gets in at one of them is new exposure", () => {
    expect(compared(withFindings(office), withFindings(more))).toMatchObject({ outcome: "exposure-added", opened: [{ id: office.id }] });
  });

  test("one who no longer does changes the finding", () => {
    const diff = compared(withFindings(more), withFindings(office));
    expect(diff).toMatchObject({ outcome: "no-exposure-added", opened: [], gone: [], changed: [{ before: more, after: office }], rest: 0 });
  });

  test("neighbours on another LAN of the server are others", () => {
    const lan = found("listener-lan-0a1b2c3d");
    const both = {
      ...lan,
      lans: ["eth0", "eth1"],
      destinations: lan.destinations.map((each) => ({ ...each, lan: true, lans: ["eth0", "eth1"] })),
    };
    expect(compared(withFindings(lan), withFindings(both)).opened).toHaveLength(1);
    expect(compared(withFindings(both), withFindings(lan))).toMatchObject({ opened: [], changed: [{ after: { lans: ["eth1"] } }] });
  });
});

test("fewer visitors of a finding that has another name by that: it has changed", () => {
  const [first = ""] = office.visitors?.prefixes ?? [];
  const only = { prefixes: [first], families: [{ family: 4 as const, rest: false, except: [], only: [first] }] };
  const less = { ...office, id: "listener-networks-11111111", visitors: only, destinations: [] };
  const before = { ...office, destinations: [] };
  expect(compared(withFindings(before), withFindings(less))).toMatchObject({
    outcome: "no-exposure-added",
    gone: [],
    changed: [{ before: { id: office.id }, after: { id: less.id } }],
    rest: 0,
  });
});
