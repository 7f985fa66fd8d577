/** A policy written from a result says of each vantage point exactly what was seen. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { policyText } from "../../../harness/report/policy-text.ts";
import { passing as base } from "./sample.ts";

const draft = {
  sshdConfig: "etc/ssh",
  firewall: ["rules v4", "on"],
  network: { interface: "ens3", addresses: ["203.0.113.130/25"] },
  accounts: ["alice"],
  forwards: [{ name: "rdp", ssh: "-R :43234:localhost:3389", as: "alice", what: "Remote Desktop." }],
};

const [forward] = base.forwards as [Result["forwards"][number]];
const [cell] = base.cells as [ResultCell];

function policyOf(cells: Partial<ResultCell>[], more: Partial<Result["forwards"][number]> = {}) {
  const named = { ...forward, name: "rdp", from: "home", granted: true, listensOn: "server", listeners: ["0.0.0.0:43234"], ...more };
  const text = policyText(draft, { ...base, forwards: [named], cells: cells.map((each) => ({ ...cell, forward: "rdp", ...each })) });
  return { text, rdp: parse(text).forwards.rdp, policy: parse(text) };
}

const at = (
  vantage: string,
  family: 4 | 6,
  observed: ResultCell["observed"],
  address = family === 4 ? "203.0.113.130" : "2001:db8::1",
) => ({
  ...{ vantage, family, observed, decidedBy: null },
  target: family === 4 ? `${address}:43234` : `[${address}]:43234`,
});

test("paths, network and accounts read back as they were given", () => {
  expect(policyOf([]).policy).toMatchObject({
    server: { sshd_config: "etc/ssh", firewall: ["rules v4", "on"], accounts: { alice: {} } },
    network: { server: { interface: "ens3", address: ["203.0.113.130/25"], ipv6: false } },
  });
});

test.each<[string, Partial<ResultCell>[], unknown[]]>([
  ["both families", [at("campus", 4, "reached"), at("campus", 6, "reached")], ["campus"]],
  ["one family", [at("campus", 4, "reached"), at("campus", 6, "filtered")], [{ vantage: "campus", family: 4 }]],
  [
    "one address of two",
    [at("campus", 4, "reached"), at("campus", 4, "refused", "203.0.113.131")],
    [{ vantage: "campus", address: "203.0.113.130" }],
  ],
  ["another service", [at("campus", 4, "wrong-service")], [{ vantage: "campus", family: 4, is: "wrong-service" }]],
  ["nobody", [at("campus", 4, "closed"), at("internet", 4, "filtered")], []],
  ["the ends are free", [at("server", 4, "reached", "127.0.0.1"), at("home", 4, "reached")], []],
])("%s", (_, cells, entries) => {
  expect(policyOf(cells).rdp.reachable_from).toEqual(entries);
});

test("a listener on the client is there for the client", () => {
  const { rdp } = policyOf([at("home", 4, "reached", "127.0.0.1"), at("home", 4, "refused"), at("home-lan", 4, "refused")], {
    listensOn: "home",
  });
  expect(rdp.reachable_from).toEqual(["home"]);
});

test("a refused forward, with its reason beside it; text of the server's breaks no line", () => {
  const decidedBy = { layer: "sshd-policy", code: "x", params: {}, text: "no\nway", rule: undefined } as const;
  const { text, rdp } = policyOf([], { granted: false, decidedBy });
  expect(rdp).toEqual({ ssh: "-R :43234:localhost:3389", as: "alice", refused_by_server: true });
  expect(text).toContain("refused_by_server: true  # no way\n");
});
