import { describe, expect, test } from "vitest";
import { type AddressRange, parseRange } from "../../../harness/core/address-range.ts";
import { foreignInterfaces, foreignWarnings, missedAccepts, missedBlocks } from "../../../harness/firewall/foreign-interfaces.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { warningText } from "../../../harness/report/warnings.ts";
import { accept, dport, drop, listing, meta, where, xt } from "./listings.ts";

const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "lans", elem: ["eno1", "eth0"] } },
  { chain: { family: "inet", table: "f", name: "trusted" } },
  { rule: { ...where, chain: "trusted", handle: 90, expr: [accept] } },
  { chain: { family: "inet", table: "f", name: "refused" } },
  { rule: { ...where, chain: "refused", handle: 91, expr: [{ reject: null }] } },
];
const to = (target: string) => ({ jump: { target } });
const dportOf = { payload: { protocol: "tcp", field: "dport" } };
const toHostBehind = (...ports: number[]) => ({
  dnat: { family: "ip", addr: { map: { key: dportOf, data: { set: ports.map((port) => [port, "10.0.0.2"]) } } } },
});

test("one warning for each interface, however many rules are about it", () => {
  const rule = (names: string[], file: string, line: number, negated = false) => ({
    names,
    negated,
    others: false,
    rule: `rule ${line}`,
    file,
    line,
  });
  const rules = [
    rule(["docker0"], "rules.v4", 7),
    rule(["wg0"], "rules.v4", 8),
    rule(["docker0"], "rules.v4", 9, true),
    rule(["docker0"], "rules.v4", 10),
    rule(["docker0"], "rules.v6", 7),
  ];
  expect(foreignWarnings(rules).map((each) => warningText(each))).toEqual([
    "4 rules name docker0, which the lab's server does not have; in the lab they never match: rules.v4:7, 10, rules.v6:7; always match: rules.v4:9",
    "rules.v4:8: `rule 8` names wg0, which the lab's server does not have: in the lab it never matches",
  ]);
  expect(foreignWarnings([])).toEqual([]);
  const others = (expr: object[]) =>
    foreignInterfaces({ nftables: listing([expr], { more }).nftables }, ["eth0"]).map((each) =>
      foreignWarnings([{ ...each, rule: "r" }]).map((told) => warningText(told).replace(/.* in the lab /, "")),
    );
  expect(others([meta("iifname", { set: ["eth0", "wlan0"] }), accept])).toEqual([["it matches on its other interfaces only"]]);
  // Both tests are to hold.
  expect(others([meta("iifname", "wlan0"), meta("oifname", "eth0"), accept])).toEqual([["it never matches"]]);
});

describe("names that a host with eth0 does not have", () => {
  test.each<[string, object[], string[] | undefined]>([
    ["another name", [meta("iifname", "eno1"), accept], ["eno1"]],
    ["one of those that are not meant", [meta("iifname", { set: ["eth0", "wg0"] }, "!="), drop], undefined],
    ["one that is not meant", [meta("iifname", "wg0", "!="), drop], ["wg0"]],
    ["of the way back", [{ match: { op: "==", left: { fib: { result: "oifname", flags: ["saddr"] } }, right: "wg0" } }, accept], ["wg0"]],
    [
      "of no way back, as a number",
      [{ match: { op: "==", left: { fib: { result: "oif", flags: ["saddr"] } }, right: "0" } }, drop],
      undefined,
    ],
    ["of no way back", [{ match: { op: "==", left: { fib: { result: "oif", flags: ["saddr", "iif"] } }, right: false } }, drop], undefined],
    ["in a set", [meta("oifname", { set: ["eth0", "wlan0", "wg0"] }), accept], ["wlan0", "wg0"]],
    ["in a named set", [meta("iifname", "@lans"), accept], ["eno1"]],
    ["a pattern that fits none", [meta("iifname", "veth*"), drop], ["veth*"]],
    [
      "in a verdict map",
      [
        {
          vmap: {
            key: { meta: { key: "iifname" } },
            data: {
              set: [
                ["lo", accept],
                ["tun0", drop],
              ],
            },
          },
        },
      ],
      ["tun0"],
    ],
    [
      "beside an address",
      [
        {
          match: {
            op: "==",
            left: { concat: [{ meta: { key: "iif" } }, { payload: { protocol: "ip", field: "saddr" } }] },
            right: { set: [{ concat: ["docker0", "192.0.2.1"] }] },
          },
        },
        drop,
      ],
      ["docker0"],
    ],
    ["its own", [meta("iifname", "eth0"), accept], undefined],
    ["loopback", [meta("iif", "lo"), accept], undefined],
    ["a pattern that fits", [meta("iifname", "eth*"), accept], undefined],
    ["no interface", [meta("l4proto", "tcp"), accept], undefined],
  ])("%s", (_, expr, names) => {
    expect(foreignInterfaces({ nftables: listing([expr], { more }).nftables }, ["eth0"])[0]?.names).toEqual(names);
  });
});

/** Of connection tracking; `!=` at the end: all others. */
function states(...named: string[]) {
  const op = named.at(-1) === "!=" ? "!=" : "in";
  return { match: { op, left: { ct: { key: "state" } }, right: named.filter((each) => each !== "!=") } };
}

function tracked(ct: object, right: unknown) {
  return { match: { op: "==", left: { ct }, right } };
}

function missed(expr: object[], hook = "input", written?: string) {
  return missedAccepts(listing([expr], { hook, more }), ["eth0"], { ports: [43234] }, () => written).length > 0;
}

describe("what they would let in", () => {
  test.each<[string, object[], string?, string?]>([
    ["everything", [meta("iifname", "eno1"), accept]],
    ["this port", [meta("iifname", "eno1"), dport(43234), accept]],
    ["by a chain that accepts", [meta("iifname", "eno1"), to("trusted")]],
    ["by a return", [meta("iifname", "eno1"), { return: null }]],
    ["everything, where all others are dropped", [meta("iifname", "eno1", "!="), drop]],
    ["in a verdict map", [{ vmap: { key: { meta: { key: "iifname" } }, data: { set: [["eno1", accept]] } } }]],
    ["a redirect", [meta("iifname", "eno1"), { redirect: { port: 43234 } }], "prerouting"],
    ["a destination from a map that has the port", [meta("iifname", "eno1"), toHostBehind(443, 43234)], "prerouting"],
    ["new connections and answers", [meta("iifname", "eno1"), states("new", "established"), accept]],
    ["all but answers", [meta("iifname", "eno1"), states("established", "!="), accept]],
    [
      "new ones, as iptables says it",
      [meta("iifname", "eno1"), xt("match", "state"), accept],
      "input",
      "-i eno1 -m state --state NEW,ESTABLISHED -j ACCEPT",
    ],
    [
      "all but answers, as iptables says it",
      [meta("iifname", "eno1"), accept],
      "input",
      "-i eno1 -m conntrack ! --ctstate RELATED -j ACCEPT",
    ],
    ["TCP, as connection tracking has it", [meta("iifname", "eno1"), tracked({ key: "protocol" }, "tcp"), accept]],
    ["this port, as connection tracking has it", [meta("iifname", "eno1"), tracked({ key: "proto-dst", dir: "original" }, 43234), accept]],
    ["another port of the client's", [meta("iifname", "eno1"), tracked({ key: "proto-src", dir: "original" }, 67), accept]],
    [
      "this port, as iptables's conntrack has it",
      [meta("iifname", "eno1"), xt("match", "conntrack"), accept],
      "input",
      "-i eno1 -m conntrack --ctproto 6 --ctorigdstport 43000:43999 -j ACCEPT",
    ],
  ])("%s", (_, expr, hook, written) => {
    expect(missed(expr, hook, written)).toBe(true);
  });

  test.each<[string, object[], string?, string?]>([
    ["another port", [meta("iifname", "eno1"), dport(22), accept]],
    ["UDP", [meta("iifname", "eno1"), dport(43234, "==", "udp"), accept]],
    ["a destination from a map that lacks the port", [meta("iifname", "eno1"), toHostBehind(80, 443)], "prerouting"],
    ["a verdict map that lacks it", [meta("iifname", "eno1"), { vmap: { key: dportOf, data: { set: [[22, accept]] } } }]],
    ["nothing: it drops", [meta("iifname", "eno1"), drop]],
    ["nothing: its chain rejects", [meta("iifname", "eno1"), to("refused")]],
    ["nothing: it logs", [meta("iifname", "eno1"), { log: null }]],
    ["what goes through the machine", [meta("iifname", "docker0"), accept], "forward"],
    ["what leaves it", [meta("oifname", "docker0"), accept], "output"],
    ["what the lab's own interface lets in as well", [meta("iifname", { set: ["eth0", "eno1"] }), accept]],
    ["more than the server does, which the lab shows", [meta("iifname", "eno1", "!="), accept]],
    ["answers alone", [meta("iifname", "eno1"), states("established", "related"), accept]],
    [
      "answers, as iptables says it",
      [meta("iifname", "eno1"), xt("match", "state"), accept],
      "input",
      "-i eno1 -m state --state ESTABLISHED,RELATED -j ACCEPT",
    ],
    ["a log of iptables", [meta("iifname", "eno1"), xt("target", "LOG")], "input", "-i eno1 -j LOG"],
    ["UDP, as connection tracking has it", [meta("iifname", "eno1"), tracked({ key: "protocol" }, "udp"), accept]],
    ["another port, as connection tracking has it", [meta("iifname", "eno1"), tracked({ key: "proto-dst", dir: "original" }, 67), accept]],
    ["another port that answers", [meta("iifname", "eno1"), tracked({ key: "proto-src", dir: "reply" }, { range: [67, 68] }), accept]],
    [
      "UDP, as iptables's conntrack has it",
      [meta("iifname", "eno1"), xt("match", "conntrack"), accept],
      "input",
      "-i eno1 -m conntrack --ctstate NEW --ctproto 17 -j ACCEPT",
    ],
    [
      "another port, joined to its option",
      [meta("iifname", "eno1"), xt("match", "multiport"), accept],
      "input",
      "-i eno1 -p tcp -m multiport --dports=22,80 -j ACCEPT",
    ],
    [
      "another port, as iptables's conntrack has it",
      [meta("iifname", "eno1"), xt("match", "conntrack"), accept],
      "input",
      "-i eno1 -m conntrack --ctorigdstport 67 -j ACCEPT",
    ],
  ])("not %s", (_, expr, hook, written) => {
    expect(missed(expr, hook, written)).toBe(false);
  });
});

describe("beside an interface of the host's", () => {
  const chains: NftListingEntry[] = [
    ...more,
    { chain: { family: "inet", table: "f", name: "web" } },
    { rule: { ...where, chain: "web", handle: 92, expr: [dport(80), accept] } },
  ];
  const map = (verdicts: Record<string, object>) => ({
    vmap: { key: { meta: { key: "iifname" } }, data: { set: Object.entries(verdicts) } },
  });
  const atPort = (pairs: [name: string, port: number][]) => ({
    match: {
      op: "==",
      left: { concat: [{ meta: { key: "iifname" } }, dportOf] },
      right: { set: pairs.map((concat) => ({ concat })) },
    },
  });
  const names = (...expr: object[]) =>
    missedAccepts(listing([expr], { more: chains }), ["eth0"], { ports: [43234] }, () => undefined).map((each) => each.names);

  test.each<[string, object[], object[]]>([
    ["loopback is none", [meta("iifname", { set: ["lo", "wg0"] }), accept], [meta("iifname", { set: ["lo", "eth0", "wg0"] }), accept]],
    [
      "another verdict",
      [map({ lo: accept, eth0: to("web"), wg0: to("trusted") })],
      [map({ lo: accept, eth0: to("trusted"), wg0: to("trusted") })],
    ],
    ["a verdict that lets in", [map({ eth0: drop, wg0: accept })], [map({ eth0: accept, wg0: drop })]],
    ["a chain that lets in", [map({ eth0: drop, wg0: to("trusted") })], [map({ eth0: drop, wg0: to("web") })]],
    [
      "another port",
      [
        atPort([
          ["eth0", 80],
          ["wg0", 43234],
        ]),
        accept,
      ],
      [
        atPort([
          ["eth0", 43234],
          ["wg0", 80],
        ]),
        accept,
      ],
    ],
    ["all others are dropped", [meta("iifname", "wg0", "!="), drop], [meta("iifname", { set: ["eth0", "wg0"] }, "!="), drop]],
  ])("%s", (_, expr, control) => {
    expect(names(...expr)).toEqual([["wg0"]]);
    expect(names(...control)).toEqual([]);
  });

  test("a map with a name", () => {
    const withMap = (verdict: object) => {
      const elem = [
        ["eth0", drop],
        ["wg0", verdict],
      ];
      const named = { map: { family: "inet", table: "f", name: "by_interface", elem } };
      const expr = [{ vmap: { key: { meta: { key: "iifname" } }, data: "@by_interface" } }];
      return missedAccepts(listing([expr], { more: [named] }), ["eth0"], { ports: [43234] }, () => undefined).length;
    };
    expect(withMap(accept)).toBe(1);
    expect(withMap(drop)).toBe(0);
  });
});

test("what docker drops on its way to a container lets in nobody, where the host's addresses are known", () => {
  const to = (address: string, ...rest: object[]) => [
    { match: { op: "==", left: { payload: { protocol: "ip", field: "daddr" } }, right: address } },
    ...rest,
  ];
  const known = ["198.51.100.10", "2001:db8:100::10"].map((text) => parseRange(text) as AddressRange);
  const missedOf = (expr: object[], own: AddressRange[] | undefined) =>
    missedAccepts(listing([expr], { hook: "prerouting", more }), ["eth0"], { ports: [43234] }, () => undefined, { own }).length > 0;
  const others = [meta("iifname", "br-shop", "!="), drop];
  expect(missedOf(to("192.168.0.2", ...others), known)).toBe(false);
  expect(missedOf(to("192.168.0.2", ...others), undefined)).toBe(true);
  expect(missedOf(to("198.51.100.10", ...others), known)).toBe(true);
  expect(missedOf(others, known)).toBe(true);
  // The address may be that of the interface which the policy lacks.
  expect(missedOf(to("192.168.0.2", meta("iifname", "ppp0"), accept, drop), known)).toBe(
    missedOf([meta("iifname", "ppp0"), accept], known),
  );
});

describe("what they would keep out, where the ruleset never asks for eth0", () => {
  const kept = (...rules: object[][]) =>
    missedBlocks(listing(rules, { hook: "input", more }), ["eth0"], { ports: [43234] }, () => undefined).length;

  test.each<[string, object[][], number]>([
    ["a drop", [[meta("iifname", "ens3"), drop]], 1],
    ["a chain that rejects", [[meta("iifname", "ens3"), to("refused")]], 1],
    ["a drop for another port", [[meta("iifname", "ens3"), dport(22), drop]], 0],
    ["an accept", [[meta("iifname", "ens3"), accept]], 0],
    ["on all others", [[meta("iifname", "ens3", "!="), drop]], 0],
    [
      "beside a rule that asks for eth0",
      [
        [meta("iifname", "wg0"), drop],
        [meta("iifname", "eth0"), accept],
      ],
      0,
    ],
  ])("%s", (_, rules, count) => {
    expect(kept(...rules)).toBe(count);
  });
});

test("in a table that only translates addresses a return lets nothing in, a redirect does", () => {
  const inNat = (expr: object[]) =>
    missedAccepts(listing([expr], { hook: "prerouting", type: "nat" }), ["eth0"], { ports: [43234] }, () => undefined).length > 0;
  expect(inNat([meta("iifname", "docker0"), { return: null }])).toBe(false);
  expect(inNat([meta("iifname", "docker0"), accept])).toBe(false);
  expect(inNat([meta("iifname", "docker0"), { redirect: { port: 43234 } }])).toBe(true);
});

test("the interfaces of a chain at an ingress hook", () => {
  const at = { family: "netdev", table: "f", name: "in" };
  const chain = (dev: string | string[]) => ({ chain: { ...at, type: "filter", hook: "ingress", policy: "accept", dev } });
  const rule = { rule: { family: "netdev", table: "f", chain: "in", handle: 1, expr: [dport(43234), drop] } };
  const foreign = (dev: string | string[]) => foreignInterfaces({ nftables: [chain(dev), rule] }, ["eth0"]);
  const kept = (dev: string | string[]) =>
    missedBlocks({ nftables: [chain(dev), rule] }, ["eth0"], { ports: [43234] }, () => undefined).length;
  expect(foreign("ens3")).toMatchObject([{ names: ["ens3"], negated: false, others: false }]);
  expect(kept("ens3")).toBe(1);
  expect(foreign(["eth0", "ens3"])).toMatchObject([{ names: ["ens3"], others: true }]);
  expect(kept(["eth0", "ens3"])).toBe(0);
  expect(foreign("eth0")).toEqual([]);
});

describe("one table for everything, as firewalld has it", () => {
  const table = { family: "inet", table: "f" };
  const base = (name: string, hook: string) => ({ chain: { ...table, name, type: "filter", hook, policy: "accept" } });
  const rule = (chain: string, handle: number, ...expr: object[]) => ({ rule: { ...table, chain, handle, expr } });
  const missedIn = (...nftables: NftListingEntry[]) =>
    missedAccepts({ nftables }, ["eth0"], { ports: [43234] }, () => undefined).map((each) => each.rule.handle);
  const wan = meta("iifname", "wwan0");
  const input = [base("input", "input"), { chain: { ...table, name: "wan" } }, rule("input", 1, wan, to("wan"))];

  test("a return where nothing blocks lets in nobody", () => {
    const before = [base("mangle", "prerouting"), rule("mangle", 7, wan, { return: null })];
    expect(missedIn(...before)).toEqual([]);
    expect(missedIn(...before, rule("mangle", 8, drop))).toEqual([7]);
  });

  test("a chain that lets in another port lets this one in no more than a chain without rules", () => {
    expect(missedIn(...input, rule("wan", 2, dport(22), accept), rule("input", 3, drop))).toEqual([]);
    expect(missedIn(...input, rule("wan", 2, dport(43234), accept), rule("input", 3, drop))).toEqual([1]);
  });
});

describe("a rule that only notes something on packets of an interface that the server lacks", () => {
  const set = (kind: "meta" | "ct", key: string, value: unknown) => ({ mangle: { key: { [kind]: { key } }, value } });
  const missed = (noting: object[], asking: object[], written: readonly string[] = []) =>
    missedAccepts(listing([noting, asking]), ["eth0"], { ports: [43234] }, ({ handle }) => written[handle - 1]).length;
  const match = (kind: "meta" | "ct", key: string) => ({ match: { op: "==", left: { [kind]: { key } }, right: 2 } });
  const wan2 = meta("iifname", "wan2");

  test.each<[string, object[], object[], string[]?]>([
    ["a mark", [wan2, set("meta", "mark", 2)], [match("meta", "mark"), accept]],
    ["a mark that is saved", [wan2, set("ct", "mark", { meta: { key: "mark" } })], [match("ct", "mark"), accept]],
    [
      "a zone",
      [{ mangle: { key: { ct: { key: "zone" } }, value: { map: { key: { meta: { key: "iifname" } }, data: { set: [["wan2", 2]] } } } } }],
      [match("ct", "zone"), accept],
    ],
    ["a mark that a drop spares", [wan2, set("meta", "mark", 2)], [{ match: { ...match("meta", "mark").match, op: "!=" } }, drop]],
    [
      "a mark of iptables",
      [wan2, xt("target", "MARK")],
      [xt("match", "mark"), accept],
      ["-i wan2 -j MARK --set-mark 2", "-m mark --mark 2 -j ACCEPT"],
    ],
    [
      "a mark that may choose the route back",
      [wan2, set("meta", "mark", 2)],
      [{ match: { op: "==", left: { fib: { result: "oif", flags: ["saddr", "mark"] } }, right: false } }, drop],
    ],
  ])("%s: lets in nobody, unless a rule that decides asks for it", (_, noting, asking, written) => {
    expect(missed(noting, asking, written)).toBe(1);
    expect(missed(noting, [dport(43234), accept], written?.slice(0, 1))).toBe(0);
    expect(missed(noting, [match("meta", "mark"), set("ct", "mark", { meta: { key: "mark" } })], written?.slice(0, 1))).toBe(0);
  });

  test("on everything else, for which a rule drops it", () => {
    const others = [meta("iifname", "wan2", "!="), set("meta", "mark", 2)];
    expect(missed(others, [match("meta", "mark"), drop])).toBe(1);
    expect(missed(others, [match("ct", "zone"), drop])).toBe(0);
  });

  test("a port written into packets is no note", () => {
    const move = { mangle: { key: { payload: { protocol: "tcp", field: "dport" } }, value: 43234 } };
    expect(missed([wan2, move], [{ counter: null }])).toBe(1);
  });

  test("nor is what changes their headers alone", () => {
    expect(missed([wan2, xt("target", "TCPMSS")], [dport(43234), accept], ["-i wan2 -p tcp -j TCPMSS --clamp-mss-to-pmtu"])).toBe(0);
    const dscp = { mangle: { key: { payload: { protocol: "ip", field: "dscp" } }, value: 8 } };
    expect(missed([wan2, dscp], [dport(43234), accept])).toBe(0);
  });
});
