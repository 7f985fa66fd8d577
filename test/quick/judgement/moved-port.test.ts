/** A port that a rule of the server leads to the forward, as the server's own processes see it. */
import { expect, test } from "vitest";
import type { Cell } from "../../../harness/core/cells.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import type { Policy } from "../../../harness/policy/policy.ts";

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
