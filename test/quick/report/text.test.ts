import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { renderReport } from "../../../harness/report/render.ts";
import { wrap } from "../../../harness/report/wrap.ts";
import { judged, listening, outcomeOf, policyOf, probe, reached, refused } from "../judgement/sample.ts";
import { failing, inconclusive, passing, withHostileTexts } from "./sample.ts";

const text = (result: typeof passing, options = {}) => renderReport("text", result, options);

describe("the report on a terminal", () => {
  test("begins with the verdict", () => {
    expect(text(passing).split("\n")[0]).toBe(
      "✔ PASS  all 11 expectations hold  examples/article/policy.yaml".replace("11", String(passing.counts.held)),
    );
    expect(text(failing).split("\n")[0]).toMatch(/^✘ FAIL {2}1 of \d+ expectations is violated/);
    expect(text(inconclusive).split("\n")[0]).toMatch(/^\? INCONCLUSIVE/);
  });

  test("tells violations before the matrix, in four parts, one cause once", () => {
    const lines = text(failing, { width: 120 }).split("\n");
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
    expect(at("✘ rdp: internet reaches it over IPv6 and must not")).toBeGreaterThan(0);
    expect(at("    Expected    blocked")).toBeLessThan(at("    Observed    reached"));
    expect(at("    Decided by  bind-address  sshd_config:12")).toBeGreaterThan(0);
    expect(at("    Next        the firewall that the policy names does not restrict who connects")).toBeGreaterThan(0);
    expect(at("? rdp: it is not known whether campus can reach it over IPv4")).toBeLessThan(at("Who can reach it"));
    expect(lines.filter((line) => line.startsWith("✘ ")).length).toBe(2);
  });

  test("a service that is silent at several targets is told of once, what differs by itself", () => {
    const silent = (cell: Cell) => probe(cell, { verdict: "closed", evidence: { arrived: true, connect: "connected" } });
    const said = (result: ReturnType<typeof judged>) => text(result, { width: 200 }).match(/gives no answer|has no leading colon/g);
    // Two vantage points may come, over both families.
    expect(said(judged(silent))).toEqual(["gives no answer"]);
    expect(said(judged(reached))).toBeNull();
    const onlyLocal = outcomeOf("rdp", { requested: "43234", listeners: ["127.0.0.1:43234", "[::1]:43234"] });
    const some = (cell: Cell) => (cell.vantage === "campus" ? silent(cell) : refused(cell));
    expect(said(judged(some, { outcomes: [onlyLocal] }))?.toSorted()).toEqual(["gives no answer", "has no leading colon"]);
  });

  test("a forward that ssh never asked for is no open question of the server's", () => {
    const notOpened = (changes: Parameters<typeof outcomeOf>[1]) =>
      text(judged(refused, { outcomes: [outcomeOf("rdp", { granted: false, listeners: [], ...changes })] })).split("Who can reach it")[0];
    const dropped = { layer: "client", code: "clear-all-forwardings", params: {}, text: "" } as const;
    expect(notOpened({ refusedBy: dropped })).toContain(
      "not opened: `ClearAllForwardings yes` removed the forward before ssh asked for it.",
    );
    expect(notOpened({})).toContain("not known whether the server grants it");
  });

  test("shows every cell with symbol and word, and a legend of the symbols used", () => {
    const matrix = text(failing).split("Who can reach it")[1] as string;
    expect(matrix).toMatch(/internet {3}IPv4 {2}198\.51\.100\.10 +✔ filtered$/m);
    expect(matrix).toMatch(/ +IPv6 {2}2001:db8:100::10 +✘ reached +← sshd_config:12$/m);
    expect(matrix).toContain("~ reached");
    expect(matrix).toContain("? inconclusive");
    expect(matrix).toContain("✔ as expected   ✘ violation   ~ waived   ? inconclusive   · nothing expected");
  });

  test("colour adds nothing but colour", () => {
    const colored = text(failing, { color: true });
    expect(colored).not.toBe(text(failing));
    expect(stripVTControlCharacters(colored)).toBe(text(failing));
    expect(text(failing)).toBe(stripVTControlCharacters(text(failing)));
  });

  test("many forwards: columns, cut into several tables where the terminal is narrow; other hosts apart", () => {
    const names = ["alpha", "beta", "gamma", "delta"];
    const policy = policyOf(Object.fromEntries(names.map((name) => [name, { ssh: "-R :43234:localhost:1", reachable_from: ["campus"] }])));
    const own = { ...policy, forwards: { ...policy.forwards, mine: { ssh: "-L 5555:localhost:80", reachable_from: ["home"] } } };
    const outcomes = [
      ...names.map((name) => outcomeOf(name)),
      outcomeOf("mine", {
        kind: "local",
        listensOn: "home",
        listeners: ["127.0.0.1:5555", "[::1]:5555"],
        requested: "5555",
        ssh: "-L 5555:localhost:80",
      }),
    ];
    const cells = names
      .flatMap((forward) => judgedCells(own, { ...(listening[0] as (typeof listening)[0]), forward }))
      .concat(judgedCells(own, { forward: "mine", host: "home", port: 5555 }));
    const result = judged((cell) => (cell.vantage === "campus" || cell.scope === "loopback" ? reached(cell) : refused(cell)), {
      policy: own,
      outcomes,
      cells,
    });
    for (const width of [60, 80, 200]) {
      const lines = text(result, { width }).split("\n");
      const tables = lines.filter((line) => line.startsWith("Who can reach it"));
      expect(tables.some((line) => line.includes("listener on home"))).toBe(true);
      for (const name of names) expect(tables.filter((line) => line.includes(` ${name}`)).length).toBe(1);
      if (width === 200) expect(tables.length).toBe(2);
      else expect(tables.length).toBeGreaterThan(2);
    }
  });

  test("no line of a finding is wider than the terminal", () => {
    for (const line of text(failing, { width: 80 }).split("Who can reach it")[0]?.split("\n") ?? [])
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test("what a server prints cannot steer the terminal", () => {
    expect(text(withHostileTexts())).not.toMatch(/\p{Cc}(?<!\n)/u);
  });
});

test("wrap keeps words whole and loses none", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("averylongword two", 5)).toEqual(["averylongword", "two"]);
  expect(wrap("", 5)).toEqual([""]);
  expect(wrap("待ち受けています。", 8)).toEqual(["待ち受け", "ていま", "す。"]);
  expect(wrap("home から 到達", 8)).toEqual(["home か", "ら 到達"]);
});

function judgedCells(policy: Policy, where: (typeof listening)[0]) {
  return cellsOf(labSpecOf(policy), [where]);
}
