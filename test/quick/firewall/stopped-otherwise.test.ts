/** A rule that a client can avoid proves a block only where the client is stopped without it, too. */
import { describe, expect, test } from "vitest";
import type { ListedRule, NftListing, NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { isStoppedOtherwise } from "../../../harness/firewall/stopped-otherwise.ts";
import { accept, dport, drop, limit, meta, where, xt } from "./listings.ts";

const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const match = (left: object, right: unknown, op = "==") => ({ match: { op, left, right } });
const avoidable = [match(payload("ip", "ttl"), 30, ">"), drop];
const jump = (target: string) => ({ jump: { target } });
const goto = (target: string) => ({ goto: { target } });
const reject = (type?: string) => ({ reject: type === undefined ? null : { type, expr: "port-unreachable" } });
const state = (right: unknown) => match({ ct: { key: "state" } }, right, "in");

interface Rules {
  /** Of the base chain. */
  own: object[][];
  more?: Record<string, object[][]>;
  policy?: string;
  hook?: string;
  type?: string;
  elements?: NftListingEntry[];
}

/** Of the rule with the first handle. */
function stopped(
  { own, more = {}, policy = "drop", hook = "input", type = "filter", elements = [] }: Rules,
  first = "in",
  words = "",
): boolean {
  let handle = 1;
  const rulesOf = (chain: string, rules: object[][]): NftListingEntry[] =>
    rules.map((expr) => ({ rule: { ...where, chain, handle: handle++, expr } as ListedRule }));
  const chains = Object.keys(more).map((name): NftListingEntry => ({ chain: { family: "inet", table: "f", name } }));
  const base: NftListingEntry = { chain: { family: "inet", table: "f", name: "in", type, hook, policy } };
  const nftables = [
    base,
    ...chains,
    ...elements,
    ...rulesOf("in", own),
    ...Object.entries(more).flatMap(([name, rules]) => rulesOf(name, rules)),
  ];
  const rule = nftables.flatMap((entry) => entry.rule ?? []).find(({ chain }) => chain === first) as ListedRule;
  return isStoppedOtherwise(rule, { nftables } as NftListing, { ports: [43234], family: 4 }, () => words);
}

test("by the policy, if nothing after the rule lets the connection in", () => {
  expect(stopped({ own: [avoidable] })).toBe(true);
  expect(stopped({ own: [avoidable], policy: "accept" })).toBe(false);
  expect(stopped({ own: [avoidable], hook: "output" })).toBe(false);
  expect(stopped({ own: [avoidable], type: "nat" })).toBe(false);
});

describe("what follows, before the policy", () => {
  const data = (...pairs: [unknown, object][]) => ({ set: pairs });
  const vmap = (key: object, set: object) => [{ vmap: { key, data: set } }];
  test.each<[string, object[]]>([
    ["a rule for another port", [dport(22), accept]],
    ["one for the other family", [meta("nfproto", "ipv6"), accept]],
    ["one for other protocols", [meta("l4proto", { set: ["icmp", "ipv6-icmp"] }), accept]],
    ["one for established connections", [state(["established", "related"]), accept]],
    [
      "a map for established connections",
      vmap({ ct: { key: "state" } }, data(["established", accept], ["related", accept], ["invalid", drop])),
    ],
    ["a map for other protocols", vmap(payload("ip", "protocol"), data(["udp", accept], ["tcp", drop]))],
    ["a log", [limit, { log: null }]],
    ["a drop of some", [match(payload("ip", "saddr"), "192.0.2.1"), drop]],
    ["a return", [match(payload("ip", "saddr"), "192.0.2.1"), { return: null }]],
    ["a mark", [{ mangle: { key: { meta: { key: "mark" } }, value: 1 } }]],
  ])("%s", (_, rule) => {
    expect(stopped({ own: [avoidable, rule] })).toBe(true);
  });

  test.each<[string, object[]]>([
    ["a rule for the port", [dport(43234), accept]],
    ["one for a source", [match(payload("ip", "saddr"), "192.0.2.1"), accept]],
    ["one for new connections", [state(["new", "established"]), accept]],
    ["one for what a rule keeps untracked", [state(["untracked"]), accept]],
    ["one for a set of states", [match({ ct: { key: "state" } }, "@open"), accept]],
    ["a map for new ones", vmap({ ct: { key: "state" } }, data(["new", accept], ["invalid", drop]))],
    ["a map that is not known", vmap(payload("ip", "saddr"), "@somewhere" as unknown as object)],
    ["a program", [{ queue: { num: 0 } }]],
    ["a target that is not known", [xt("target", "CT")]],
    ["what nft has no JSON for", ["jump { accept; }" as unknown as object]],
  ])("but not %s", (_, rule) => {
    expect(stopped({ own: [avoidable, rule] })).toBe(false);
  });
});

test("what follows, in iptables's words", () => {
  const byState = (states: string) =>
    stopped({ own: [avoidable, [xt("match", "conntrack"), accept]] }, "in", `-m conntrack --ctstate ${states} -j ACCEPT`);
  expect(byState("RELATED,ESTABLISHED")).toBe(true);
  expect(byState("INVALID")).toBe(true);
  for (const open of ["RELATED,ESTABLISHED,DNAT", "SNAT", "NEW", "INVALID,UNTRACKED"]) expect(byState(open), open).toBe(false);
});

describe("by a rule, whatever the policy", () => {
  test.each<[string, object[][], boolean]>([
    ["that drops everything", [[{ counter: null }, drop]], true],
    ["that rejects all TCP", [[meta("l4proto", "tcp"), reject()]], true],
    ["of iptables", [[xt("match", "comment"), xt("target", "REJECT")]], true],
    ["in a chain", [[jump("end")]], true],
    ["that rejects by an ICMP of the family", [[reject("icmp")]], true],
    ["that rejects by an ICMP of the other family", [[reject("icmpv6")]], false],
    ["that drops one port", [[dport(43234), drop]], false],
    ["that drops at a rate", [[limit, drop]], false],
    ["of iptables with another condition", [[xt("match", "owner"), xt("target", "REJECT")]], false],
    ["that some do not reach", [[match(payload("ip", "saddr"), "192.0.2.1"), { return: null }], [drop]], false],
    ["behind one that accepts", [[dport(43234), accept], [drop]], false],
  ])("%s", (_, rules, expected) => {
    expect(stopped({ own: [avoidable, ...rules], policy: "accept", more: { end: [[drop]] } })).toBe(expected);
  });
});

describe("the chains that lead to the rule's", () => {
  test("go on after their jump", () => {
    const more = { sub: [avoidable] };
    expect(stopped({ own: [[jump("sub")]], more }, "sub")).toBe(true);
    expect(stopped({ own: [[jump("sub")], [dport(43234), accept]], more }, "sub")).toBe(false);
    expect(
      stopped({ own: [[dport(22), jump("sub")], [dport(43234), jump("other")], [drop]], more: { ...more, other: [[accept]] } }, "sub"),
    ).toBe(false);
    expect(stopped({ own: [[drop]], more }, "sub")).toBe(false);
  });

  test("a rule that leads to others is avoided together with them", () => {
    const more = { sub: [[drop]] };
    const led = [match(payload("ip", "ttl"), 30, ">"), jump("sub")];
    expect(stopped({ own: [led], more })).toBe(true);
    expect(stopped({ own: [led, [goto("let")]], more: { ...more, let: [[accept]] } })).toBe(false);
    expect(stopped({ own: [led], more: { sub: [[dport(43234), accept], [drop]] } })).toBe(false);
  });

  test("a map's other verdicts count, except those that no such packet can have", () => {
    const nextHeader = (...pairs: [unknown, object][]) => [[{ vmap: { key: payload("ip6", "nexthdr"), data: { set: pairs } } }]];
    const more = { sub: [[drop]] };
    expect(stopped({ own: nextHeader(["ipv6-icmp", accept], ["tcp", jump("sub")]), more })).toBe(true);
    expect(stopped({ own: nextHeader([0, accept], ["tcp", jump("sub")]), more })).toBe(false);
    const named = (verdict: object): NftListingEntry[] => [
      {
        map: {
          family: "inet",
          table: "f",
          name: "m",
          elem: [
            ["tcp", drop],
            [0, verdict],
          ],
        },
      },
    ];
    const own = [[{ vmap: { key: payload("ip6", "nexthdr"), data: "@m" } }]];
    expect(stopped({ own, elements: named(drop) })).toBe(true);
    expect(stopped({ own, elements: named(accept) })).toBe(false);
  });
});
