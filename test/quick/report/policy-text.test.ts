/** A policy written from a result says of each vantage point exactly what was seen. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { fulfils } from "../../../harness/judgement/interpret.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { type Policy, policySchema } from "../../../harness/policy/policy.ts";
import { policyText } from "../../../harness/report/policy-text.ts";
import { passing as base } from "./sample.ts";

const draft = {
  sshdConfig: "etc/ssh",
  firewall: ["rules v4", "on"],
  network: { interface: "ens3", address: ["203.0.113.130/25"], ipv6: false },
  accounts: [{ name: "alice" }, { name: "dev", groups: ["staff", "on"], authorizedKeys: "keys/dev" }],
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
    server: {
      sshd_config: "etc/ssh",
      firewall: ["rules v4", "on"],
      accounts: { alice: {}, dev: { groups: ["staff", "on"], authorized_keys: "keys/dev" } },
    },
    network: { server: { interface: "ens3", address: ["203.0.113.130/25"], ipv6: false } },
  });
});

test("groups that nobody has said are marked, others are not", () => {
  const accounts = [
    { name: "deploy", groups: ["ops"], assumed: true },
    { name: "dev", groups: ["ops"] },
  ];
  const lines = policyText({ ...draft, accounts }).split("\n");
  expect(lines).toContain("    deploy: { groups: [ops] }  # its groups are not known; AllowGroups lets this one in");
  expect(lines).toContain("    dev: { groups: [ops] }");
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

const linkLocal = (observed: ResultCell["observed"]) => at("campus", 6, observed, "fe80::10%eth0");
const through = (observed: ResultCell["observed"]) => ({ ...at("campus", 4, observed, "10.30.0.1"), via: "203.0.113.130" });

test.each<[string, Partial<ResultCell>[], unknown[]]>(
  [
    ["alone", [at("campus", 6, "filtered"), linkLocal("reached")], [{ vantage: "campus", address: "link-local" }]],
    ["and nowhere else of IPv6", [at("campus", 4, "reached"), at("campus", 6, "filtered"), linkLocal("reached")], "both"],
    ["like the others", [at("campus", 6, "reached"), linkLocal("reached")], ["campus"]],
    ["not like the others, which is no loss", [at("campus", 6, "reached"), linkLocal("filtered")], ["campus"]],
    ["not even there", [at("campus", 6, "filtered"), linkLocal("filtered")], []],
  ].map(
    ([name, cells, entries]) =>
      [
        name,
        cells,
        entries === "both"
          ? [
              { vantage: "campus", family: 4 },
              { vantage: "campus", address: "link-local" },
            ]
          : entries,
      ] as [string, Partial<ResultCell>[], unknown[]],
  ),
)("reached at a link-local address: %s", (_, cells, entries) => {
  expect(policyOf(cells).rdp.reachable_from).toEqual(entries);
});

test.each<[string, Partial<ResultCell>[], unknown[]]>([
  [
    "alone",
    [at("campus", 4, "unreachable", "10.30.0.1"), through("reached")],
    [{ vantage: "campus", address: "10.30.0.1", via: "203.0.113.130" }],
  ],
  [
    "as without",
    [at("campus", 4, "reached", "10.30.0.1"), at("campus", 4, "filtered"), through("reached")],
    [{ vantage: "campus", address: "10.30.0.1" }],
  ],
  [
    "only without",
    [at("campus", 4, "reached", "10.30.0.1"), at("campus", 4, "filtered"), through("filtered")],
    [
      { vantage: "campus", address: "10.30.0.1" },
      { vantage: "campus", address: "10.30.0.1", via: "203.0.113.130", is: "blocked" },
    ],
  ],
])("reached with the server as next hop: %s", (_, cells, entries) => {
  expect(policyOf(cells).rdp.reachable_from).toEqual(entries);
});

/** The server has a network behind it, to which no router leads. */
const network: Policy["network"] = {
  server: [
    { interface: "eth0", address: ["198.51.100.10/24", "198.51.100.11/24", "2001:db8:100::10/64"] },
    { interface: "back0", address: ["10.30.0.1/24", "fd00:30::1/64"] },
  ],
};
const spec = labSpecOf({ server: { sshd_config: "x" }, network, forwards: {} });
const everyWay = cellsOf(spec, [{ forward: "rdp", host: "server", port: 43234, linkLocal: "everywhere" }]);

test("holds against what it was made of, whatever that was; who got in nowhere must be blocked everywhere", () => {
  const verdict = fc.constantFrom("reached", "reached", "filtered", "refused", "wrong-service" as const);
  const drawn = fc.array(verdict, { minLength: everyWay.length, maxLength: everyWay.length });
  const closed = fc.subarray(["campus", "other-lan", "internet", "home-lan"]);
  fc.assert(
    fc.property(drawn, closed, (verdicts, shut) => {
      const seen = (cell: Cell, index: number) => {
        if (!cell.routed) return "unreachable" as const;
        return shut.includes(cell.vantage) ? "filtered" : (verdicts[index] as ResultCell["observed"]);
      };
      const observed = everyWay.map(seen);
      const { policy, text } = policyOf(everyWay.map((cell, index) => ({ ...cell, observed: observed[index] }) as Partial<ResultCell>));
      const written: Policy = { ...policySchema.parse(policy), network };
      for (const [index, cell] of everyWay.entries()) {
        const expected = expectationOf(written, cell);
        const at = `${cell.vantage} ${cell.target} via ${cell.via}: ${observed[index]}\n${text}`;
        expect(expected === undefined || fulfils(expected, observed[index] as ResultCell["observed"]), at).toBe(true);
        if (shut.includes(cell.vantage)) expect(expected, at).toBe("blocked");
      }
    }),
  );
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
