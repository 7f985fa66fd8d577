/** A SOCKS forward is asked for each target that its lists tell apart. */
import { describe, expect, test } from "vitest";
import { cellKey, cellsOf } from "../../../harness/core/cells.ts";
import type { Refusal, SocksTarget } from "../../../harness/core/forward-outcome.ts";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { interpret } from "../../../harness/judgement/interpret.ts";
import type { Service } from "../../../harness/probe/services.ts";
import { cellsThroughProxy } from "../../../harness/session/proxied-targets.ts";
import { outcomeOf, policyOf } from "../judgement/sample.ts";

const refusedBy: Refusal = {
  layer: "sshd-policy",
  code: "permit-open",
  params: {},
  text: "",
  source: { keyword: "permitopen", value: "db:5432" },
};
const service = { host: "server", port: 1, identity: "x" } as Service;
const listening = cellsOf(articleLab(), [{ forward: "socks", host: "home", port: 1080 }]);
const open: SocksTarget = { host: "db", port: 5432 };
const shut: SocksTarget = { host: "localhost", port: 7, refusedBy };
const cells = (...targets: SocksTarget[]) =>
  cellsThroughProxy(
    listening,
    targets.map((target) => ({ target, service })),
  );

describe("cells", () => {
  test("each way once for each target, all told apart", () => {
    const found = cells(open, shut);
    expect(found).toHaveLength(2 * listening.length);
    expect(new Set(found.map(cellKey)).size).toBe(found.length);
    expect(found.map(({ target }) => target)).toContain("192.168.1.10:1080 → db:5432");
    expect(cells()).toEqual(listening);
  });

  test("an IPv6 target in brackets", () => {
    expect(cells({ host: "2001:db8::5", port: 80 })[0]?.target).toMatch(/ → \[2001:db8::5\]:80$/);
  });
});

test("who may use the proxy need not get to what its lists turn down; nobody else gets anywhere", () => {
  const policy = policyOf({ socks: { ssh: "-D :1080", reachable_from: ["home-lan"] } });
  const expected = (vantage: string, host: string) =>
    cells(open, shut)
      .filter((cell) => cell.vantage === vantage && cell.routed && cell.socks?.host === host)
      .map((cell) => expectationOf(policy, cell));
  expect(new Set(expected("home-lan", "db"))).toEqual(new Set(["reachable"]));
  expect(new Set(expected("home-lan", "localhost"))).toEqual(new Set([undefined]));
  expect(new Set(expected("internet", "db"))).toEqual(new Set(["blocked"]));
  expect(new Set(expected("internet", "localhost"))).toEqual(new Set(["blocked"]));
});

describe("a visitor who is closed", () => {
  const forward = outcomeOf("socks", { kind: "dynamic", ssh: "-D 1080", listensOn: "home" });
  const seen = (target: SocksTarget, known: boolean) => {
    const [cell] = cellsThroughProxy(listening, [{ target, service: known ? service : undefined }]);
    if (!cell) throw new Error("no cell");
    const { vantage, family, target: text } = cell;
    const probe = { vantage, family, target: text, verdict: "closed" as const, evidence: { connect: "connected", nonce: "none" as const } };
    return interpret({ cell, probe, forward, ended: false }, articleLab());
  };

  test("was turned down by the list that does not name the target", () => {
    expect(seen(shut, true)).toMatchObject({ verdict: "closed", reason: { layer: "sshd-policy", code: "permit-open" } });
  });

  test("proves nothing where the list lets the target through and the lab does not have it", () => {
    expect(seen(open, false)).toMatchObject({
      verdict: "inconclusive",
      unproven: { code: "socks-target-missing", params: { host: "db" } },
    });
    expect(seen(open, true).verdict).toBe("closed");
  });
});
