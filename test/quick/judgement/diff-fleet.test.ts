/** Fleets compared: which policies belong together, and what they come to. */
import { expect, test } from "vitest";
import type { Result } from "../../../harness/core/result.ts";
import { compareFleets, type Measured, type ServerSides } from "../../../harness/judgement/diff/compare-fleets.ts";
import { pairsOf } from "../../../harness/pipelines/diff-fleet.ts";
import { failing, inconclusive, passing } from "../report/sample.ts";

const tool = passing.tool;
const seen = (result: Result): Measured => ({ name: "side", result, error: null });
const broken: Measured = { name: "side", result: null, error: { code: "sshd-config", message: "sshd refuses the config" } };
const compare = (...servers: ServerSides[]) => compareFleets(servers, { names: { before: "old", after: "new" }, tool });

test("the outcome is that of the server with the most to tell", () => {
  const same = { name: "same", before: seen(passing), after: seen(passing) };
  const opened = { name: "opened", before: seen(passing), after: seen(failing) };
  const unknown = { name: "unknown", before: seen(passing), after: seen(inconclusive) };
  expect(compare(same).outcome).toBe("no-exposure-added");
  expect(compare(same, unknown).outcome).toBe("inconclusive");
  const all = compare(same, unknown, opened);
  expect(all.outcome).toBe("exposure-added");
  expect(all.counts.opened).toBe(all.servers.reduce((sum, { diff }) => sum + (diff?.counts.opened ?? 0), 0));
  expect(all.counts.opened).toBeGreaterThan(0);
});

test("a new policy's open cells are newly open; those of one that is gone are closed", () => {
  const open = passing.cells.filter(({ observed }) => observed === "reached").length;
  expect(open).toBeGreaterThan(0);
  const [added] = compare({ name: "a", after: seen(passing) }).servers;
  expect(added).toMatchObject({ change: "added", error: null });
  expect([added?.diff?.outcome, added?.diff?.counts.opened]).toEqual(["exposure-added", open]);
  const [removed] = compare({ name: "a", before: seen(passing) }).servers;
  expect(removed).toMatchObject({ change: "removed", error: null });
  expect([removed?.diff?.outcome, removed?.diff?.counts.closed]).toEqual(["no-exposure-added", open]);
  // The control: on both sides, nothing changed.
  expect(compare({ name: "a", before: seen(passing), after: seen(passing) }).servers[0]?.diff?.counts).toMatchObject({
    opened: 0,
    closed: 0,
  });
});

test("a server without a result on one side is not compared, whatever the others are", () => {
  for (const sides of [{ before: broken, after: seen(passing) }, { before: seen(passing), after: broken }, { after: broken }]) {
    const fleet = compare({ name: "a", ...sides });
    expect(fleet.outcome).toBe("inconclusive");
    expect(fleet.servers).toMatchObject([{ diff: null, error: { code: "sshd-config" } }]);
  }
});

test("policies are matched by their paths as named, else by what is below the folders that were named", () => {
  const at = (folder: string, ...names: string[]) => names.map((name) => ({ keys: { full: `${folder}/${name}`, below: name } }));
  const told = (...sides: [ReturnType<typeof at>, ReturnType<typeof at>]) =>
    pairsOf(...sides).map(({ name, before, after }) => `${name}${before ? "" : " new"}${after ? "" : " gone"}`);
  expect(told(at("old", "a", "b"), at("new", "b", "c"))).toEqual(["a gone", "b", "c new"]);
  expect(told(at("x", "a"), [...at("x", "a"), ...at("y", "a")])).toEqual(["x/a", "y/a new"]);
});
