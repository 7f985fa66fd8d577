/** What several servers change about a judgement: whose ends are free, whose firewall decided, and why there was no way in. */
import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import { resultSchema } from "../../../harness/core/result.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { asItShouldBe, filtered, judged, outcomeOf, policyOf, probe, reached } from "./sample.ts";

const policy: Policy = policyOf(
  { rdp: { server: "inner", ssh: "-J server -R :43234:localhost:3389 inner", reachable_from: ["campus"] } },
  { servers: { inner: { sshd_config: "./inner", firewall: "./inner.nft" } } },
);
const listening = [{ forward: "rdp", host: "inner", port: 43234 }];
const cells = cellsOf(labSpecOf(policy), listening);
const opened = outcomeOf("rdp", { server: "inner", jump: ["server"], listensOn: "inner" });
const at = (host: string) => (cell: Cell) => {
  const seen = filtered(cell);
  return { ...seen, ...(seen.decision ? { decision: { ...seen.decision, at: host } } : {}) };
};
const result = (see: Parameters<typeof judged>[0], outcomes = [opened]) => judged(see, { policy, cells, outcomes });
const cellFrom = (seen: ReturnType<typeof judged>, vantage: string) =>
  seen.cells.find((cell) => cell.vantage === vantage && cell.family === 4);

describe("a forward behind a jump host", () => {
  test("its own server and the host that runs ssh are free; the jump host is a vantage point like any other", () => {
    const seen = result((cell) => reached(cell));
    const status = (vantage: string) => cellFrom(seen, vantage)?.status;
    expect(["inner", "home", "campus", "server", "internet"].map(status)).toEqual(["optional", "optional", "held", "violated", "violated"]);
    expect(seen.forwards[0]).toMatchObject({ server: "inner", jump: ["server"] });
    expect(resultSchema.parse(seen)).toEqual(seen);
  });

  test("the firewall of its server is a server's, not a router's; that of the jump host as well", () => {
    for (const host of ["inner", "server"]) {
      const seen = result((cell) => (cell.vantage === "campus" ? reached(cell) : at(host)(cell)));
      expect(cellFrom(seen, "internet")).toMatchObject({ status: "held", decidedBy: { layer: "server-firewall", params: { at: host } } });
    }
    const elsewhere = result((cell) => (cell.vantage === "campus" ? reached(cell) : at("campus")(cell)));
    expect(cellFrom(elsewhere, "internet")?.decidedBy?.layer).toBe("router");
  });

  test("what its firewall leaves open is told of it, and so is that it has none", () => {
    const open = (cell: Cell) => (cell.vantage === "internet" ? reached(cell) : at("inner")(cell));
    expect(cellFrom(result(open), "internet")?.next).toMatchObject({ code: "firewall-leaves-open", params: { host: "inner" } });
    const bare: Policy = { ...policy, servers: { inner: { sshd_config: "./inner" } } };
    const seen = judged(open, { policy: bare, cells, outcomes: [opened] });
    expect(cellFrom(seen, "internet")?.next).toMatchObject({ code: "no-firewall", params: { host: "inner" } });
  });

  test("a rule that let a visitor in is its server's", () => {
    const admission = { rule: "inet filter input tcp dport 43234 accept", file: "inner.nft", line: 7 };
    const seen = result((cell) => probe(cell, { verdict: "reached", evidence: { nonce: "match" }, admission }));
    expect(cellFrom(seen, "campus")?.decidedBy).toMatchObject({ layer: "server-firewall", file: "inner.nft", line: 7 });
  });
});

describe("a jump that must be refused", () => {
  const asked: Policy = {
    ...policy,
    forwards: { rdp: { server: "inner", ssh: "-J server -R :43234:localhost:3389 inner", login: "refused" } },
  };
  const params = { hop: "server", at: "inner", server: "inner", account: "tunnel", target: "inner:22" };
  const judgeWith = (changes: Parameters<typeof outcomeOf>[1]) =>
    judged(asItShouldBe, { policy: asked, cells: [], outcomes: [outcomeOf("rdp", { server: "inner", jump: ["server"], ...changes })] })
      .forwards[0];

  test("is, by a line of the jump host's config", () => {
    const source = { keyword: "permitopen", value: "none", file: "sshd_config", line: 3 };
    const forward = judgeWith({
      granted: false,
      serverAnswer: "refused",
      loginFailure: { kind: "jump-refused", said: "PermitOpen none", source },
      refusedBy: { layer: "sshd-policy", code: "jump-refused", params, text: "", source },
    });
    expect(forward).toMatchObject({ status: "held", granted: false, decidedBy: { layer: "sshd-policy", file: "sshd_config", line: 3 } });
    expect(forward?.decidedBy?.text).toBe("The jump host server lets tunnel in, but refuses to connect to inner:22: `PermitOpen none`.");
  });

  test("is, by a rule of the firewall behind it", () => {
    const rule = { rule: "inet filter input policy drop", file: "inner.nft", line: 5 };
    const forward = judgeWith({
      granted: false,
      serverAnswer: "refused",
      loginFailure: { kind: "jump-filtered", said: "" },
      refusedBy: { layer: "server-firewall", code: "jump-filtered", params: { ...params, action: "drop" }, text: "", rule },
    });
    expect(forward).toMatchObject({ status: "held", granted: false, decidedBy: { layer: "server-firewall", ...rule } });
    expect(forward?.decidedBy?.text).toBe(
      "The jump host server cannot reach sshd at inner:22: `inet filter input policy drop` on inner drops its packets.",
    );
  });

  test("is not", () => {
    expect(judgeWith({})).toMatchObject({ status: "violated", granted: true });
  });
});
