/** What a line of defence is worth, and the forwards that would notice that it is gone. */
import { describe, expect, test } from "vitest";
import { parseRange } from "../../../../harness/core/address-range.ts";
import type { Audience } from "../../../../harness/core/audience.ts";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import type { Unworded } from "../../../../harness/core/result.ts";
import type { Review } from "../../../../harness/core/review.ts";
import type { Verdict } from "../../../../harness/core/verdict.ts";
import type { JudgedReview } from "../../../../harness/judgement/review/judge-review.ts";
import type { Mutation } from "../../../../harness/judgement/review/mutations.ts";
import { proposalsFor } from "../../../../harness/judgement/review/proposals.ts";
import { type ClassWay, SourceIndex } from "../../../../harness/judgement/review/reach.ts";
import { dialExposure, listenExposure } from "../../../../harness/judgement/review/review-input.ts";
import { difference, effectOf, mutationResult, newFindings } from "../../../../harness/judgement/review/sensitivity.ts";
import { withSourceClasses } from "../../../../harness/policy/source-classes.ts";
import { closed, finding } from "../../report/review-sample.ts";

interface Found {
  exposures: string[];
  audience?: Audience;
  kind?: "listener" | "agent";
  as?: string;
  ssh?: string;
}

const office = "45.13.7.0/24";
const { spec, sources: classes } = withSourceClasses(
  articleLab(),
  { groups: [[parseRange(office)].flatMap((each) => each ?? [])], inexact: [] },
  [],
);
const sources = new SourceIndex(classes, spec);

/** A review with these findings, named by their place. */
function judged(found: readonly Found[], review: Partial<Unworded<Review>> = {}, ways: JudgedReview["ways"] = []): JudgedReview {
  const findings = found.map(({ audience = "internet", kind = "listener", as = "alice", ssh = "-R :8001:localhost:3389" }, at) =>
    finding(`f${at}`, { kind, audience, code: "review-listener-outside", accounts: [as], principals: [as], example: ssh }),
  );
  return {
    review: { ...closed, ...review, findings },
    exposures: new Map(found.map(({ exposures }, at) => [`f${at}`, exposures])),
    ways,
    sources,
  };
}

const before = judged([{ exposures: ["a", "b"] }, { exposures: ["c"], audience: "networks" }]);
const with_ = (...exposures: string[]) => judged([{ exposures }]);

describe("the effect of a change", () => {
  test.each([
    ["opens", with_("a", "b", "c", "d"), false],
    ["moves", with_("a", "b", "d"), true],
    ["closes", with_("a", "c"), true],
    ["closes", with_(), false],
    ["backed-up", with_("c", "b", "a"), true],
    ["none", with_("a", "b", "c"), false],
    ["refused", undefined, true],
  ] as const)("%s", (effect, after, decided) => {
    expect(effectOf(before, after, decided)).toBe(effect);
  });

  test("the same exposure under another finding is no difference", () => {
    const after = judged([{ exposures: ["c"], audience: "account" }, { exposures: ["b"] }, { exposures: ["a", "x"] }]);
    const { opens, closes } = difference(before, after);
    expect([[...opens], [...closes]]).toEqual([["x"], []]);
  });

  test("new findings are those with something new, the widest first", () => {
    const after = judged([
      { exposures: ["x"], audience: "server" },
      { exposures: ["a"], audience: "internet" },
      { exposures: ["b", "y"], audience: "networks" },
    ]);
    expect(newFindings(before, after).map(({ audience }) => audience)).toEqual(["networks", "server"]);
  });

  test("a result tells the widest, three at most, and how much goes", () => {
    const mutation: Mutation = { kind: "removed", file: "fw", line: 3, text: "drop", instead: "", edits: [] };
    const told = { decided: false, noticed: true };
    const after = judged(
      ["networks", "lan", "server", "internet"].map((audience, at) => ({
        exposures: [dialExposure("alice", `new ${at}`)],
        audience: audience as Audience,
      })),
    );
    expect(mutationResult(mutation, before, after, told)).toMatchObject({
      change: "removed",
      file: "fw",
      line: 3,
      rule: "drop",
      effect: "moves",
      audience: "internet",
      opens: [{ audience: "internet" }, { audience: "networks" }, { audience: "lan" }],
      closes: 3,
      noticed: true,
    });
    expect(mutationResult(mutation, before, undefined, { decided: true, noticed: null })).toMatchObject({
      effect: "refused",
      audience: null,
      opens: [],
      closes: 0,
      noticed: null,
    });
  });
});

test("who gets something new is told, not who has it already", () => {
  const of = (vantage: string) =>
    classes.classes.find(({ family, vantage: each, prefixes }) => family === 4 && (each === vantage || prefixes.includes(vantage)));
  const [internet, office4, campus] = ["internet", office, "campus"].map(of);
  const reach = (source: typeof internet, at = "198.51.100.10") => listenExposure("alice", 0, source, at);
  const mutation: Mutation = { kind: "removed", file: "fw", line: 3, text: office, instead: "", edits: [] };
  const change = (was: string[], is: string[]) =>
    mutationResult(mutation, judged([{ exposures: was }]), judged([{ exposures: is }]), { decided: false, noticed: null });
  const wide = change([reach(internet)], [reach(internet), reach(office4)]);
  expect(wide).toMatchObject({
    effect: "opens",
    audience: "networks",
    opens: [{ audience: "networks", visitors: { prefixes: [office] }, lan: false }],
  });
  const beside = change([reach(internet)], [reach(internet), reach(campus, "198.51.100.11")]);
  expect(beside).toMatchObject({
    audience: "lan",
    opens: [{ visitors: null, lan: true, destinations: [{ address: "198.51.100.11", all: true }] }],
  });
  expect(change([], [reach(internet), reach(office4)])).toMatchObject({ audience: "internet" });
  const local = change([], [listenExposure("alice", 0, undefined)]);
  expect(local).toMatchObject({ audience: "server", opens: [{ code: "review-listener-local", visitors: null, lan: false }] });
});

describe("proposals", () => {
  const answer = (bind: string, ports: string, listeners: string[], granted = true): Unworded<Review>["answers"][number] => ({
    request: { kind: "listener", bind, ports },
    example: "",
    principals: ["alice"],
    granted,
    listeners,
    refusedBy: null,
  });
  const reach = (listeners: string[], ports: string): Unworded<Review>["reach"][number] => ({
    ...{ listeners, ports, example: "", principal: "alice", classes: [], server: true, decidedBy: [] },
  });
  const way = (vantage: string, family: 4 | 6, address: string, seen: Verdict, via?: string): ClassWay => ({
    ...{ vantage, family, target: `${family === 6 ? `[${address}]` : address}:8001`, seen },
    ...(via === undefined ? {} : { via }),
  });
  const [front4, front6, back] = ["198.51.100.10", "2001:db8:100::10", "10.20.0.10"] as const;
  const from = (vantage: string, four: Verdict, six: Verdict) => [way(vantage, 4, front4, four), way(vantage, 6, front6, six)];
  const nobody = ["internet", "campus", "45.13.7.1"].flatMap((vantage) => from(vantage, "filtered", "filtered"));
  const today = judged(
    [{ exposures: ["a"] }],
    {
      ports: [
        { ports: "1-7999, 8100-65535", asked: [1] },
        { ports: "8000-8099", asked: [8000] },
      ],
      answers: [
        answer(":", "8000-8099", ["[::]", "0.0.0.0"]),
        answer(":", "1-7999, 8100-65535", [], false),
        answer("0.0.0.0:", "8000-8099", ["0.0.0.0"]),
        answer("[2001:db8:100::10]:", "8000-8099", ["[2001:db8:100::10]"]),
        answer("[::]:", "8000-8099", ["[::]"]),
        answer("10.20.0.10:", "8000-8099", ["10.20.0.10"]),
      ],
      reach: [["0.0.0.0", "[::]"], ["0.0.0.0"], ["[2001:db8:100::10]"], ["[::]"], ["10.20.0.10"]].map((each) => reach(each, "8000-8099")),
    },
    [
      [...from("campus", "reached", "reached"), ...from("internet", "filtered", "filtered"), way("45.13.7.1", 4, front4, "reached")],
      [...from("campus", "reached", "refused"), ...from("internet", "reached", "refused"), way("45.13.7.1", 4, front4, "filtered")],
      nobody,
      [...nobody, way("campus", 6, "fe80::10%eth0", "reached")],
      [...nobody, way("campus", 4, back, "filtered"), way("campus", 4, back, "reached", front4)],
    ],
  );
  const proposed = (...found: Partial<Found>[]) =>
    proposalsFor(today, [judged(found.map((each, at) => ({ exposures: [`new ${at}`], ...each })))]);

  test.each([
    // The one of the office has, over IPv6, an address that no rule names.
    ["who reaches it today", "-R :8001:localhost:3389", false, ["campus", { vantage: "45.13.7.1", family: 4 }]],
    ["refused today", "-R :9000:localhost:3389", true, []],
    [
      "over IPv4 alone, from everybody whom the internet stands for",
      "-R 0.0.0.0:8001:localhost:3389",
      false,
      ["campus", "home-lan", "other-lan", "internet"].map((vantage) => ({ vantage, family: 4 })),
    ],
    ["the port of an IPv6 bind form, which nobody reaches", "-R [2001:db8:100::10]:8001:localhost:3389", false, []],
    ["by the link-local address alone", "-R [::]:8001:localhost:3389", false, [{ vantage: "campus", address: "link-local" }]],
    [
      "with the server as next hop alone",
      "-R 10.20.0.10:8001:localhost:3389",
      false,
      [{ vantage: "campus", address: "10.20.0.10", via: "198.51.100.10" }],
    ],
    ["a bind form that nobody asked for is refused", "-R [::1]:8001:localhost:3389", true, []],
  ])("say what the server does today: %s", (_, ssh, refused, reachableFrom) => {
    expect(proposed({ ssh })).toEqual([{ as: "alice", ssh, refused, reachableFrom }]);
  });

  test("each account, bind form and class of ports once", () => {
    const all = ["-R :8001:localhost:3389", "-R :8002:localhost:3389", "-R :9000:localhost:3389", "-R 0.0.0.0:8001:localhost:3389"];
    expect(proposed(...all.map((ssh) => ({ ssh })), { as: "bob" }).map(({ as, ssh }) => `${as} ${ssh}`)).toEqual([
      "alice -R :8001:localhost:3389",
      "alice -R :9000:localhost:3389",
      "alice -R 0.0.0.0:8001:localhost:3389",
      "bob -R :8001:localhost:3389",
    ]);
  });

  test("none for what no forward shows, or is exposed already", () => {
    expect(proposed({ kind: "agent" })).toEqual([]);
    expect(proposed({ exposures: ["a"] })).toEqual([]);
    expect(proposalsFor(today, [])).toEqual([]);
  });
});
