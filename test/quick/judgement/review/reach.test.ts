/** Who reaches a kind of listener, and how that is told. */
import { describe, expect, test } from "vitest";
import { parseRange } from "../../../../harness/core/address-range.ts";
import { articleLab, type LabSpec } from "../../../../harness/core/lab-spec.ts";
import { audienceOf, destinationsOf, lanOf, SourceIndex, visitorsOf } from "../../../../harness/judgement/review/reach.ts";
import { withSourceClasses } from "../../../../harness/policy/source-classes.ts";

/** Classes as rules that name these cut them; reached: those of which one of these is part. */
function seen(named: readonly string[], reached: readonly string[], local = true) {
  const groups = named.map((text) => [parseRange(text) ?? { family: 4 as const, first: 0n, last: 0n }]);
  const { spec, sources } = withSourceClasses(articleLab(), { groups, inexact: [] }, []);
  const classes = sources.classes.map((source) => ({
    source,
    reached: reached.some((text) => source.prefixes.some((prefix) => holds(prefix, text))),
    at: [],
    missed: [],
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

  test("the internet is what no rule names, also where rules name more of the address space", () => {
    const most = ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2"];
    expect(seen(most, ["198.7.0.1"]).audience).toBe("internet");
    expect(seen(most, ["9.9.9.9"]).audience).toBe("networks");
    expect(seen(most, ["198.7.0.1"]).visitors?.families).toMatchObject([{ family: 4, rest: true }]);
  });

  test("a rule about every address names nobody; where rules name each, the internet is the largest part", () => {
    expect(seen(["0.0.0.0/0", office], ["9.9.9.9"]).audience).toBe("internet");
    expect(seen(["0.0.0.0/0", office], ["45.13.7.1"]).audience).toBe("networks");
    const halves = ["0.0.0.0/1", "128.0.0.0/1"];
    expect(halves.map((half) => seen(halves, [half === "0.0.0.0/1" ? "9.9.9.9" : "198.7.0.1"]).audience)).toEqual(["internet", "networks"]);
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

describe("the server's addresses", () => {
  const article = articleLab();
  const spec: LabSpec = {
    ...article,
    lans: { ...article.lans, backend: { ipv4: "10.20.0.0/16", isolated: [4] } },
    hosts: {
      ...article.hosts,
      server: {
        ...article.hosts.server,
        interfaces: [...article.hosts.server.interfaces, { name: "eth1", link: { lan: "backend" }, addresses: ["10.20.0.5/16"] }],
      },
      db: { kind: "namespace", interfaces: [{ name: "eth0", link: { lan: "backend" }, addresses: ["10.20.0.9/16"] }] },
    },
  };
  const { sources } = withSourceClasses(spec, { groups: [], inexact: [] }, []);
  const index = new SourceIndex(sources, spec);
  /** By vantage point where it gets in, and where not. */
  const reached = (seenAt: Record<string, { at?: string[]; missed?: string[] }>) =>
    sources.classes.map((source) => {
      const { at = [], missed = [] } = source.family === 4 ? (seenAt[source.vantage] ?? {}) : {};
      return { source, reached: at.length > 0, at, missed, verdicts: [] };
    });

  test("each with those who get in there; nobody is missed where all do", () => {
    const all = reached({ campus: { at: ["198.51.100.10", "10.20.0.5"] }, db: { at: ["198.51.100.10", "10.20.0.5"] } });
    expect(destinationsOf(all, index)).toEqual(
      ["198.51.100.10", "10.20.0.5"].map((address) => ({ address, all: true, visitors: null, lan: true, lans: ["eth0", "eth1"] })),
    );
  });

  test("one that some are kept out of, one that nobody reaches, and one that a visitor cannot dial", () => {
    const some = reached({
      campus: { at: ["198.51.100.10"], missed: ["10.20.0.5", "198.51.100.11"] },
      db: { at: ["10.20.0.5"], missed: ["198.51.100.11"] },
      internet: { at: ["198.51.100.10"] },
    });
    expect(
      destinationsOf(some, index).map(({ address, all, lans, visitors }) => [address, all, lans, visitors?.families[0]?.rest]),
    ).toEqual([
      ["198.51.100.10", true, ["eth0"], true],
      ["10.20.0.5", false, ["eth1"], undefined],
      ["198.51.100.11", false, [], undefined],
    ]);
  });

  test("whoever gets in nowhere misses nothing", () => {
    expect(destinationsOf(reached({ campus: { missed: ["198.51.100.10"] } }), index)).toEqual([]);
  });

  test("the LAN has no name where the server has but one", () => {
    const alone = new SourceIndex(withSourceClasses(articleLab(), { groups: [], inexact: [] }, []).sources, articleLab());
    expect(lanOf(reached({ campus: { at: ["198.51.100.10"] } }), alone).lans).toEqual([]);
    expect(lanOf(reached({ db: { at: ["10.20.0.5"] } }), index)).toEqual({ lan: true, lans: ["eth1"] });
  });
});
