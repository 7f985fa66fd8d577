/** What changed between two results: newly open, closed, not known, and layers of defence that went or came. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CellChange } from "../../../harness/core/cell-change.ts";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import { type ChangedCell, type Diff, diffExitCode, diffSchema } from "../../../harness/core/diff.ts";
import type { ForwardOutcome } from "../../../harness/core/forward-outcome.ts";
import type { Result } from "../../../harness/core/result.ts";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import { compareResults } from "../../../harness/judgement/diff/compare.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { asItShouldBe, filtered, judged, outcomeOf, policyOf, probe, reached, refused } from "./sample.ts";

const tool = { name: "forwardlab", version: "0.1.0" };
const compare = (before: Result, after: Result): Diff => compareResults({ before, after, names: { before: "a", after: "b" }, tool });

const closed = (cell: Cell): ProbeResult => probe(cell, { verdict: "closed", evidence: { arrived: true, connect: "connected" } });
const silent = (_: Cell): ProbeResult | undefined => undefined;

const sees: Record<string, (cell: Cell) => ProbeResult | undefined> = { reached, refused, filtered, closed, silent };
const listening = { forward: "rdp", host: "server", port: 43234 };
const onLoopback = ["127.0.0.1:43234", "[::1]:43234"];
const onAll = ["0.0.0.0:43234", "[::]:43234"];

/** Every other host sees the same. */
function all(see: keyof typeof sees, outcome: Partial<ForwardOutcome> = {}): Result {
  const cells = cellsOf(labSpecOf(policyOf({})), [listening]).filter(({ vantage }) => vantage !== "server");
  return judged((cell) => sees[see]?.(cell), { outcomes: [outcomeOf("rdp", outcome)], cells });
}

const kinds = ({ cells }: Diff) => [...new Set(cells.map(({ change }) => change))];

describe("a cell", () => {
  test.each<[string, string, CellChange | undefined]>([
    ["filtered", "reached", "opened"],
    ["closed", "reached", "opened"],
    ["reached", "refused", "closed"],
    ["silent", "reached", "unknown"],
    ["reached", "silent", "unknown"],
    ["silent", "silent", "unknown"],
    ["silent", "filtered", "unknown"],
    ["reached", "reached", undefined],
    ["filtered", "filtered", undefined],
  ])("that was %s and is %s", (before, after, change) => {
    const diff = compare(
      all(before, before === "refused" ? { listeners: onLoopback } : {}),
      all(after, after === "refused" ? { listeners: onLoopback } : {}),
    );
    expect(kinds(diff)).toEqual(change === undefined ? [] : [change]);
    expect(diff.counts[change ?? "same"]).toBeGreaterThan(8);
  });
});

describe("a layer of defence", () => {
  const outside = ({ cells }: Diff, change: CellChange) => cells.filter((cell) => cell.change === change && cell.vantage === "internet");

  test("that went: the firewall lets the packet in, only the listener is not there", () => {
    const diff = compare(all("filtered", { listeners: onLoopback }), all("refused", { listeners: onLoopback }));
    expect(outside(diff, "weaker").map(({ lost, gained }) => ({ lost, gained }))).toEqual([
      { lost: ["server-firewall"], gained: [] },
      { lost: ["server-firewall"], gained: [] },
    ]);
    expect(diff.outcome).toBe("no-exposure-added");
  });

  test("that came", () => {
    const diff = compare(all("refused", { listeners: onLoopback }), all("filtered", { listeners: onLoopback }));
    expect(outside(diff, "stronger").map(({ gained }) => gained)).toEqual([["server-firewall"], ["server-firewall"]]);
  });

  test("that went behind another: the firewall still drops it, but the forward now listens for everybody", () => {
    const diff = compare(all("filtered", { listeners: onLoopback }), all("filtered", { listeners: onAll }));
    expect(outside(diff, "weaker").map(({ lost }) => lost)).toEqual([["bind-address"], ["bind-address"]]);
    expect(diff.forwards).toMatchObject([
      { name: "rdp", change: "changed", before: { listeners: onLoopback }, after: { listeners: [...onAll].sort() } },
    ]);
  });

  test("that gave way to another", () => {
    const diff = compare(all("filtered", { listeners: onAll }), all("refused", { listeners: onLoopback }));
    expect(outside(diff, "replaced").map(({ lost, gained }) => ({ lost, gained }))).toEqual([
      { lost: ["server-firewall"], gained: ["bind-address"] },
      { lost: ["server-firewall"], gained: ["bind-address"] },
    ]);
  });

  test("is not claimed where nothing is proven of it: an answer that was dropped, a moved port", () => {
    const reply = (cell: Cell): ProbeResult => {
      const seen = filtered(cell);
      return { ...seen, ...(seen.decision ? { decision: { ...seen.decision, direction: "reply" } } : {}) };
    };
    const after = judged(reply, { outcomes: [outcomeOf("rdp", { listeners: onLoopback })] });
    const diff = compare(all("filtered", { listeners: onLoopback }), after);
    expect(diff.cells.filter(({ lost, gained }) => lost.length + gained.length > 0)).toEqual([]);
  });
});

describe("the outcome", () => {
  const seen = (verdict: (cell: Cell) => ProbeResult | undefined) => judged(verdict);
  const missing = seen((cell) => (cell.vantage === "campus" ? undefined : asItShouldBe(cell)));

  test.each([
    ["nothing changed", seen(asItShouldBe), seen(asItShouldBe), 0],
    ["something opened", seen(asItShouldBe), seen(reached), 1],
    ["something closed", seen(reached), seen(asItShouldBe), 0],
    ["a cell hides a change", seen(asItShouldBe), missing, 2],
    ["the same cell proves nothing on either side", missing, missing, 2],
    ["something opened, and a cell hides a change", missing, seen(reached), 1],
  ])("%s", (_, before, after, code) => {
    expect(diffExitCode(compare(before, after))).toBe(code);
  });

  test("a link-local address that only one side has probed was open there if another address of IPv6 was", () => {
    const wider = { ...listening, linkLocal: "everywhere" as const };
    const result = (where: typeof listening, see: (cell: Cell) => ProbeResult | undefined, of = (_: Cell) => true) =>
      judged(see, {
        outcomes: [outcomeOf("rdp")],
        cells: cellsOf(labSpecOf(policyOf({})), [where]).filter((cell) => cell.vantage === "campus" && of(cell)),
      });
    const linkLocalOnly = (cell: Cell) => (cell.scope === "neighbour" ? reached(cell) : filtered(cell));
    const others = (cell: Cell) => (cell.scope === "neighbour" ? filtered(cell) : reached(cell));
    expect(kinds(compare(result(listening, reached), result(wider, reached)))).toEqual([]);
    expect(kinds(compare(result(wider, reached), result(listening, reached)))).toEqual([]);
    expect(kinds(compare(result(listening, reached), result(wider, others)))).toEqual(["added"]);
    expect(kinds(compare(result(listening, filtered), result(wider, linkLocalOnly)))).toEqual(["opened"]);
    expect(kinds(compare(result(wider, linkLocalOnly), result(listening, filtered)))).toEqual(["closed"]);
    // Of a server without another address of IPv6, those of IPv4 say it.
    const alone = ({ family, scope }: Cell) => family === 4 || scope === "neighbour";
    expect(kinds(compare(result(listening, reached, alone), result(wider, reached, alone)))).toEqual([]);
    expect(kinds(compare(result(listening, filtered, alone), result(wider, linkLocalOnly, alone)))).toEqual(["opened"]);
  });

  test("a forward that one run left out is no removal; one that the policy no longer has is", () => {
    const before = all("reached");
    const without = (forwards: string[]): Result => ({
      ...before,
      forwards: [],
      cells: [],
      provenance: { ...before.provenance, forwards },
    });
    expect(compare(before, without(["rdp", "web"]))).toMatchObject({
      outcome: "inconclusive",
      forwards: [{ name: "rdp", change: "not-verified" }],
      cells: [],
    });
    const removed = compare(before, without(["web"]));
    expect(removed).toMatchObject({ outcome: "no-exposure-added", forwards: [{ name: "rdp", change: "removed" }] });
    expect(kinds(removed)).toEqual(["closed"]);
    const added = compare(without(["web"]), before);
    expect(added).toMatchObject({ outcome: "exposure-added", forwards: [{ name: "rdp", change: "added" }] });
  });

  test("a forward without a cell, of which nobody knows whether it stands, hides a change", () => {
    const result = all("filtered", { granted: false });
    const blind = { ...result, cells: [], forwards: result.forwards.map((forward) => ({ ...forward, granted: null })) };
    expect(compare(blind, blind)).toMatchObject({ outcome: "inconclusive", forwards: [{ change: "unknown" }] });
  });
});

describe("forwards and files", () => {
  test("settings of the login, the account and the options of its key", () => {
    const setting = (value: string, line?: number) => ({
      effective: [{ keyword: "gatewayports", value, ...(line === undefined ? {} : { file: "sshd_config", line }) }],
    });
    const diff = compare(
      all("filtered", { ...setting("no"), keyOptions: "restrict,port-forwarding" }),
      all("filtered", { ...setting("yes", 3) }),
    );
    expect(diff.forwards).toMatchObject([
      {
        before: { keyOptions: "restrict,port-forwarding" },
        after: { keyOptions: "" },
        settings: [
          {
            keyword: "GatewayPorts",
            before: { value: "no" },
            after: { keyword: "gatewayports", value: "yes", file: "sshd_config", line: 3 },
          },
        ],
      },
    ]);
  });

  test("a line that moved is no change; another file's content is told", () => {
    const moved = (line: number) => all("filtered", { effective: [{ keyword: "gatewayports", value: "no", file: "sshd_config", line }] });
    const at = (result: Result, sha256: string): Result => ({
      ...result,
      provenance: { ...result.provenance, configs: [{ file: "sshd_config", sha256 }] },
    });
    const diff = compare(at(moved(3), "aa"), at(moved(4), "bb"));
    expect(diff).toMatchObject({ forwards: [], cells: [], files: [{ file: "sshd_config", change: "changed" }] });
  });

  test("a port that the server chose is the same port", () => {
    const chosen = (port: number) =>
      judged(reached, {
        outcomes: [outcomeOf("rdp", { requested: ":0", listeners: [`0.0.0.0:${port}`] })],
        cells: cellsOf(labSpecOf(policyOf({})), [{ forward: "rdp", host: "server", port }]),
      });
    expect(compare(chosen(40001), chosen(40002))).toMatchObject({ cells: [], forwards: [] });
  });
});

describe("of any two results", () => {
  const verdict = fc.constantFrom(...Object.keys(sees));
  const result = fc
    .record({
      seen: fc.dictionary(fc.constantFrom("server", "campus", "home", "home-lan", "other-lan", "internet"), verdict),
      otherwise: verdict,
      listeners: fc.constantFrom(onLoopback, onAll, []),
      granted: fc.boolean(),
      only: fc.constantFrom<string | undefined>(undefined, "campus", "internet"),
    })
    .map(({ seen, otherwise, listeners, granted, only }) =>
      judged((cell) => sees[seen[cell.vantage] ?? otherwise]?.(cell), {
        outcomes: [outcomeOf("rdp", { listeners, granted, ...(granted ? {} : { serverAnswer: "refused" as const }) })],
        cells: cellsOf(labSpecOf(policyOf({})), [listening]).filter(({ vantage }) => vantage !== only),
      }),
    );

  test("a result has no difference from itself, but what it does not know", () => {
    fc.assert(
      fc.property(result, (one) => {
        const diff = compare(one, one);
        expect(diff.forwards).toEqual([]);
        expect(diff.files).toEqual([]);
        expect(kinds(diff).filter((kind) => kind !== "unknown")).toEqual([]);
        expect(diff.outcome === "no-exposure-added").toBe(one.cells.every(({ observed }) => observed !== "inconclusive"));
      }),
      { numRuns: 60 },
    );
  });

  test("the way back is the mirror image, and both fit the schema", () => {
    const mirrored: Partial<Record<CellChange, CellChange>> = {
      opened: "closed",
      closed: "opened",
      weaker: "stronger",
      stronger: "weaker",
      added: "removed",
      removed: "added",
    };
    const mirror = (cell: ChangedCell): ChangedCell => ({
      ...cell,
      change: mirrored[cell.change] ?? cell.change,
      before: cell.after,
      after: cell.before,
      lost: cell.gained,
      gained: cell.lost,
    });
    const sorted = (cells: readonly ChangedCell[]) => cells.map((cell) => JSON.stringify(Object.entries(cell).sort())).sort();
    fc.assert(
      fc.property(result, result, (one, other) => {
        const [there, back] = [compare(one, other), compare(other, one)];
        expect(sorted(back.cells)).toEqual(sorted(there.cells.map(mirror)));
        expect(diffSchema.parse(there)).toEqual(there);
        expect(there.cells.length + (there.counts.same ?? 0)).toBe(back.cells.length + (back.counts.same ?? 0));
        const opened = one.cells.length > 0 && there.cells.some(({ change }) => change === "opened");
        expect(there.outcome === "exposure-added").toBe(opened);
        if (there.outcome === "no-exposure-added") expect(kinds(there)).not.toContain("unknown");
      }),
      { numRuns: 60 },
    );
  });
});
