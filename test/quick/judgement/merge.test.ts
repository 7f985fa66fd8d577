/** Parts of a run, put together again. */
import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import { UserError } from "../../../harness/core/errors.ts";
import { type Result, resultSchema } from "../../../harness/core/result.ts";
import { mergeResults } from "../../../harness/pipelines/merge.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { asItShouldBe, judged, outcomeOf, policyOf, provenance, reached } from "./sample.ts";

const names = ["rdp", "web", "db", "old"];
const waiver = (id: string, forward: string) => ({
  id,
  forward,
  vantage: "home-lan",
  reason: "until the move",
  owner: "ops",
  expires: "2027-01-01",
});
const policy = policyOf(
  {
    ...Object.fromEntries(names.map((name) => [name, { ssh: "-R :43234:localhost:1", reachable_from: ["campus", "other-lan"] }])),
    old: { ssh: "-R :43234:localhost:1" },
  },
  { waivers: [waiver("W1", "db"), waiver("W2", "rdp"), waiver("W3", "web")] },
);
const configs = [{ file: "policy.yaml", sha256: "aa" }];
const spec = labSpecOf(policy);
const open = (cell: Cell) => (cell.forward === "db" && cell.vantage === "home-lan" ? reached(cell) : asItShouldBe(cell));

function run(selected: readonly string[], more: Partial<Result["provenance"]> = {}, see: typeof asItShouldBe = open): Result {
  return judged(see, {
    policy,
    selected,
    outcomes: selected.map((name) => outcomeOf(name)),
    cells: cellsOf(
      spec,
      selected.map((forward) => ({ forward, host: "server", port: 43234 })),
      // Both ends are exempt: nothing is expected of `old`.
    ).filter(({ forward, vantage }) => forward !== "old" || ["server", "home"].includes(vantage)),
    provenance: { ...provenance, startedAt: `2026-11-22T10:0${selected.length}:00.000Z`, configs, forwards: names, ...more },
  });
}

const shards = (count: number, see: typeof asItShouldBe = open) =>
  Array.from({ length: count }, (_, at) => ({
    name: `part${at + 1}.json`,
    result: run(
      names.filter((_name, index) => index % count === at),
      { shard: { index: at + 1, count } },
      see,
    ),
  }));

const plain = ({ provenance: { startedAt: _, durationMs: __, ...rest }, ...result }: Result) => ({ ...result, provenance: rest });

describe("all parts", () => {
  test.each([1, 2, 3, 4])("of %i make the undivided result, in whatever order they are given", (count) => {
    const whole = run(names);
    const merged = mergeResults(shards(count).reverse());
    expect({ ...plain(merged), warnings: [...merged.warnings].sort() }).toEqual({ ...plain(whole), warnings: [...whole.warnings].sort() });
    expect(resultSchema.parse(merged)).toEqual(merged);
    expect(merged.provenance.durationMs).toBe(4200 * count);
    expect(merged.outcome).toBe("pass");
  });

  test("one that proves a violation makes the whole a violation; one without expectations does not make it inconclusive", () => {
    const [, , , last] = shards(4);
    expect(last?.result.outcome).toBe("inconclusive");
    expect(mergeResults(shards(4)).outcome).toBe("pass");
    const failing = mergeResults(shards(4, (cell) => (cell.forward === "web" ? reached(cell) : open(cell))));
    expect(failing.outcome).toBe("fail");
    const [first, ...others] = shards(2);
    const broken = run(["rdp", "db"], { shard: { index: 1, count: 2 }, selfCheck: [{ name: "no side path", ok: false }] });
    expect(mergeResults([{ name: first?.name ?? "", result: broken }, ...others])).toMatchObject({
      outcome: "inconclusive",
      reasons: [{ code: "self-check-failed" }],
    });
  });

  test("remedies are left out, and that is told", () => {
    const [first, ...others] = shards(2);
    const result = first?.result as Result;
    const remedy = { summary: { code: "no-single-change", params: { tried: 1 }, text: "x" }, patch: null, tried: true as const };
    const merged = mergeResults([
      { name: "a", result: { ...result, cells: result.cells.map((cell) => ({ ...cell, remedy })) } },
      ...others,
    ]);
    expect(merged.cells.filter((cell) => cell.remedy)).toEqual([]);
    expect(merged.warnings.join()).toContain("remedies are omitted");
  });
});

describe("what is not one run is an error that names the part", () => {
  const [one, two, three] = shards(3) as [
    { name: string; result: Result },
    { name: string; result: Result },
    { name: string; result: Result },
  ];
  const changed = (more: Partial<Result["provenance"]>, other: Partial<Result> = {}) => ({
    name: "other.json",
    result: { ...two.result, ...other, provenance: { ...two.result.provenance, ...more } },
  });
  const said = (parts: Parameters<typeof mergeResults>[0]): string => {
    try {
      mergeResults(parts);
    } catch (error) {
      if (error instanceof UserError) return [error.code, error.message, error.found, error.expected].join(" | ");
      throw error;
    }
    return "no error";
  };

  test.each([
    ["a part missing", [one, three], "merge-part | part 2/3 missing"],
    ["two parts missing", [one], "merge-part | parts 2/3, 3/3 missing | 1/3 (part1.json)"],
    ["a part twice", [one, two, { ...two, name: "copy.json" }, three], "part 2/3 is given 2 times | part2.json, copy.json"],
    ["an undivided result", [one, { name: "whole.json", result: run(names) }, three], "whole.json is not a part"],
    ["none", [], "nothing to merge"],
    [
      "another file",
      [one, changed({ configs: [{ file: "policy.yaml", sha256: "bb" }] }), three],
      "merge-foreign | other.json is of another run than part1.json | policy.yaml with SHA-256 bb",
    ],
    ["another OpenSSH", [one, changed({ openssh: { server: "OpenSSH_9.2p1" } }), three], "OpenSSH OpenSSH_9.2p1 | OpenSSH OpenSSH_10.0p2"],
    ["another forwardlab", [one, changed({}, { tool: { name: "forwardlab", version: "9" } }), three], "forwardlab 9"],
    ["another count", [one, changed({ shard: { index: 2, count: 4 } }), three], "a number of parts of 4"],
    ["another selection", [one, changed({ only: ["web"] }), three], "--only web"],
    ["another network", [one, changed({}, { topology: { lans: {}, routers: {}, hosts: {} } }), three], "a network"],
    ["a forward missing", [one, changed({}, { forwards: [] }), three], "no web"],
  ])("%s", (_, parts, says) => {
    expect(said(parts)).toContain(says);
  });
});
