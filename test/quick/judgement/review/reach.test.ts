/** Who reaches a kind of listener, and how that is told. */
import { describe, expect, test } from "vitest";
import { parseRange } from "../../../../harness/core/address-range.ts";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import { audienceOf, SourceIndex, visitorsOf } from "../../../../harness/judgement/review/reach.ts";
import { withSourceClasses } from "../../../../harness/policy/source-classes.ts";

/** Classes as rules that name these cut them; reached: those of which one of these is part. */
function seen(named: readonly string[], reached: readonly string[], local = true) {
  const groups = named.map((text) => [parseRange(text) ?? { family: 4 as const, first: 0n, last: 0n }]);
  const { spec, sources } = withSourceClasses(articleLab(), { groups, inexact: [] }, []);
  const classes = sources.classes.map((source) => ({
    source,
    reached: reached.some((text) => source.prefixes.some((prefix) => holds(prefix, text))),
    verdicts: [],
  }));
  const index = new SourceIndex(sources, spec);
  return { audience: audienceOf({ classes, server: local }, index), visitors: visitorsOf(classes, index) };
}

function holds(prefix: string, text: string): boolean {
  const [outer, inner] = [parseRange(prefix), parseRange(text)];
  return (
    outer?.family === inner?.family && outer !== undefined && inner !== undefined && outer.first <= inner.first && inner.last <= outer.last
  );
}

/** Addresses that no rule names here. */
const anyone = ["9.9.9.9", "2a00::1"];
const lan = ["198.51.100.20", "2001:db8:100::20"];
const office = "45.13.7.0/24";

describe("the audience is the widest of those who reach it", () => {
  test.each([
    ["internet", [...anyone, ...lan]],
    ["internet", ["2a00::1"]],
    ["networks", ["45.13.7.1", ...lan]],
    ["lan", ["198.51.100.20"]],
    ["server", []],
  ])("%s", (audience, reached) => {
    expect(seen([office], reached).audience).toBe(audience);
  });

  test("nobody", () => {
    expect(seen([office], [], false).audience).toBeUndefined();
  });

  test("an address of the server's LAN that a rule names is a neighbour's", () => {
    expect(seen(["198.51.100.30"], ["198.51.100.30"])).toEqual({ audience: "lan", visitors: null });
  });
});

describe("visitors", () => {
  test("everybody but those who are kept out", () => {
    const { visitors } = seen([office, "2a01:4f8::/32"], ["9.9.9.9", "2a00::1", "2a01:4f8::1", ...lan]);
    expect(visitors?.families).toEqual([
      { family: 4, rest: true, except: [office], only: [] },
      { family: 6, rest: true, except: [], only: [] },
    ]);
    expect(visitors?.prefixes).not.toContain(office);
    expect(visitors?.prefixes).toContain("2a01:4f8::/32");
  });

  test("only those that a rule lets in; a family that nobody comes over is not told", () => {
    expect(seen([office, "91.7.0.0/16"], ["45.13.7.1"]).visitors).toEqual({
      prefixes: [office],
      families: [{ family: 4, rest: false, except: [], only: [office] }],
    });
  });

  test("neighbours are not among them", () => {
    expect(seen([office], lan).visitors).toBeNull();
    expect(seen([office], ["45.13.7.1", ...lan]).visitors?.prefixes).toEqual([office]);
  });
});
