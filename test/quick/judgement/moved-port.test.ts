/** A port that a rule of the server leads to the forward, as the server's own processes see it. */
import { expect, test } from "vitest";
import type { Cell } from "../../../harness/core/cells.ts";
import { attribute } from "../../../harness/judgement/attribution.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { outcomeOf, refused } from "./sample.ts";

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

test("the control: visitors must reach the other port", () => {
  const visitor: Cell = {
    ...loopback,
    vantage: "internet",
    address: "198.51.100.10",
    target: "198.51.100.10:8443",
    scope: "routed",
    moved: true,
  };
  expect(expectationOf(policy, visitor)).toBe("reachable");
});

test("where the rule leads over the other family alone, nothing listens on the port; the control: on the forward's own, another has it", () => {
  const from: Cell = { ...loopback, vantage: "campus", address: "198.51.100.10", target: "198.51.100.10:8443", scope: "routed" };
  const reasonAt = (port: number) =>
    attribute({ ...from, port }, refused({ ...from, port }), outcomeOf("rdp", { listeners: ["[::]:43234"] }), labSpecOf(policy)).reason;
  expect(reasonAt(8443)).toMatchObject({ code: "nothing-listens", params: { host: "server", port: 8443 } });
  expect(reasonAt(43234)).toMatchObject({ code: "port-taken-in-family" });
});
