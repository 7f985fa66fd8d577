/** What a line of defence is worth, and the forwards that would notice that it is gone. */
import { describe, expect, test } from "vitest";
import { parseRange } from "../../../../harness/core/address-range.ts";
import type { Audience } from "../../../../harness/core/audience.ts";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import type { Unworded } from "../../../../harness/core/result.ts";
import type { Review } from "../../../../harness/core/review.ts";
import type { JudgedReview } from "../../../../harness/judgement/review/judge-review.ts";
import type { Mutation } from "../../../../harness/judgement/review/mutations.ts";
import { proposalsFor } from "../../../../harness/judgement/review/proposals.ts";
import { SourceIndex } from "../../../../harness/judgement/review/reach.ts";
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
function judged(found: readonly Found[], review: Partial<Unworded<Review>> = {}): JudgedReview {
  const findings = found.map(({ audience = "internet", kind = "listener", as = "alice", ssh = "-R :8001:localhost:3389" }, at) =>
    finding(`f${at}`, { kind, audience, code: "review-listener-outside", accounts: [as], principals: [as], example: ssh }),
  );
  return {
    review: { ...closed, ...review, findings },
    exposures: new Map(found.map(({ exposures }, at) => [`f${at}`, exposures])),
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
  const reach = (listeners: string[], ports: string, ...vantages: string[]): Unworded<Review>["reach"][number] => ({
    listeners,
    ports,
    example: "",
    principal: "alice",
    classes: ["internet", "campus"].map((vantage) => ({ family: 4, vantage, reached: vantages.includes(vantage), verdicts: [] })),
    server: true,
    decidedBy: [],
  });
  const today = judged([{ exposures: ["a"] }], {
    ports: [
      { ports: "1-7999, 8100-65535", asked: [1] },
      { ports: "8000-8099", asked: [8000] },
    ],
    answers: [
      answer(":", "8000-8099", ["[::]", "0.0.0.0"]),
      answer(":", "1-7999, 8100-65535", [], false),
      answer("0.0.0.0:", "8000-8099", ["0.0.0.0"]),
      answer("[2001:db8:100::10]:", "8000-8099", ["[2001:db8:100::10]"]),
    ],
    reach: [reach(["0.0.0.0", "[::]"], "8000-8099", "campus"), reach(["0.0.0.0"], "8000-8099", "internet", "campus")],
  });
  const proposed = (...found: Partial<Found>[]) =>
    proposalsFor(today, [judged(found.map((each, at) => ({ exposures: [`new ${at}`], ...each })))]);

  test.each([
    ["who reaches it today", "-R :8001:localhost:3389", false, ["campus"]],
    ["refused today", "-R :9000:localhost:3389", true, []],
    ["the port of an IPv4 bind form", "-R 0.0.0.0:8001:localhost:3389", false, ["internet", "campus"]],
    ["the port of an IPv6 bind form, which nobody reaches", "-R [2001:db8:100::10]:8001:localhost:3389", false, []],
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
