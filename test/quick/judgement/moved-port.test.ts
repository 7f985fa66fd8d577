/** A port that a rule of the server leads to the forward, as the server's own processes see it. */
import { expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import { attribute } from "../../../harness/judgement/attribution.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { filtered, judged, outcomeOf, policyOf, reached, refused } from "./sample.ts";

const policy: Policy = {
  server: { sshd_config: "sshd_config" },
  forwards: { rdp: { ssh: "-R 43234:localhost:3389", reachable_from: ["server", "internet"] } },
};
const loopback: Cell = {
  forward: "rdp",
  vantage: "server",
  family: 4,
  address: "127.0.0.1",
  port: 8443,
  target: "127.0.0.1:8443",
  scope: "loopback",
  listensOn: "server",
  routed: true,
};

test("rules for what comes in lead none of its own packets: it need not reach the other port", () => {
  expect(expectationOf(policy, { ...loopback, moved: true })).toBeUndefined();
});

test("the control: the forward's own port it must reach", () => {
  expect(expectationOf(policy, loopback)).toBe("reachable");
});

/** What is expected of internet at the forward's own port and at 8443, over IPv4, by whether it gets in there. */
function expectedAt(own: boolean, other: boolean | undefined, reachable = ["internet"]) {
  const stated = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: reachable } });
  const cells = cellsOf(labSpecOf(stated), [
    { forward: "rdp", host: "server", port: 43234 },
    ...(other === undefined ? [] : [{ forward: "rdp", host: "server", port: 8443 }]),
  ]).map((cell): Cell => (cell.port === 8443 ? { ...cell, moved: true } : cell));
  const result = judged((cell) => ((cell.moved ? other : own) ? reached(cell) : filtered(cell)), { policy: stated, cells });
  return result.cells
    .filter(({ vantage, family }) => vantage === "internet" && family === 4)
    .map(({ expected, status }) => [expected, status]);
}

const none = [null, "optional"];

test("who may reach the forward must get in at one of its ports: the others need not be open", () => {
  expect(expectedAt(true, false)).toEqual([["reachable", "held"], none]);
  expect(expectedAt(false, true)).toEqual([none, ["reachable", "held"]]);
  expect(expectedAt(true, true)).toEqual([
    ["reachable", "held"],
    ["reachable", "held"],
  ]);
});

test("the control: at the forward's own if at none; and who may not is kept out of both", () => {
  expect(expectedAt(false, false)).toEqual([["reachable", "violated"], none]);
  expect(expectedAt(false, undefined)).toEqual([["reachable", "violated"]]);
  expect(expectedAt(false, true, [])).toEqual([
    ["blocked", "held"],
    ["blocked", "violated"],
  ]);
});

test("where the rule leads over the other family alone, nothing listens on the port; the control: on the forward's own, another has it", () => {
  const from: Cell = { ...loopback, vantage: "campus", address: "198.51.100.10", target: "198.51.100.10:8443", scope: "routed" };
  const reasonAt = (port: number) =>
    attribute({ ...from, port }, refused({ ...from, port }), outcomeOf("rdp", { listeners: ["[::]:43234"] }), labSpecOf(policy)).reason;
  expect(reasonAt(8443)).toMatchObject({ code: "nothing-listens", params: { host: "server", port: 8443 } });
  expect(reasonAt(43234)).toMatchObject({ code: "port-taken-in-family" });
});
