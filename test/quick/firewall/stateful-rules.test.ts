import { describe, expect, test } from "vitest";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { dependentRules } from "../../../harness/firewall/stateful-rules.ts";
import { accept, dport, drop, limit, listing, meta, where, xt } from "./listings.ts";

const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "lately", flags: ["dynamic", "timeout"] } },
  { set: { family: "inet", table: "f", name: "friends", flags: ["interval"], elem: ["192.0.2.1"] } },
  {
    set: {
      family: "inet",
      table: "f",
      name: "banned",
      flags: ["timeout"],
      elem: [{ elem: { val: "192.0.2.9", timeout: 60, expires: 50 } }],
    },
  },
];
const saddr = (right: unknown) => ({ match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right } });

function on(expr: object[], written?: string, connection: { port?: number; family?: 4 | 6 } = { port: 43234, family: 4 }) {
  return dependentRules(listing([expr], { more }), connection, () => written)[0]?.on;
}

describe("what a rule depends on", () => {
  test.each<[string, object[], string[]]>([
    ["a rate limit", [dport(43234), limit, accept], ["state"]],
    ["a named limit", [{ limit: "ssh" }, drop], ["state"]],
    ["a quota", [{ quota: { val: 10, val_unit: "mbytes", inv: true } }, drop], ["state"]],
    ["a count of connections", [{ "ct count": { val: 3, inv: true } }, { reject: null }], ["state"]],
    ["bytes so far", [{ match: { op: ">", left: { ct: { key: "bytes", dir: "original" } }, right: 1000 } }, drop], ["state"]],
    ["an address remembered", [{ set: { op: "add", elem: saddr("x"), set: "@lately" } }, drop], ["state"]],
    ["a set that packets add to", [saddr("@lately"), drop], ["state"]],
    ["a limit of each address", [{ set: { op: "update", elem: "x", set: "@lately", stmt: [limit] } }, accept], ["state"]],
    ["turns", [{ match: { op: "==", left: { numgen: { mode: "inc", mod: 2 } }, right: 0 } }, drop], ["state"]],
    ["a random number", [{ match: { op: "<", left: { numgen: { mode: "random", mod: 10 } }, right: 3 } }, drop], ["chance"]],
    ["a queue to a program", [{ queue: { num: 0 } }], ["program"]],
    ["a transparent proxy", [dport(43234), { tproxy: { addr: "127.0.0.1", port: 12345 } }], ["program"]],
    ["the hour", [meta("hour", { range: ["08:00", "18:00"] }), accept], ["clock"]],
    ["the day", [meta("day", "Sunday"), drop], ["clock"]],
    ["elements that expire", [saddr("@banned"), drop], ["clock"]],
    ["a mark that a limit sets", [limit, { mangle: { key: { meta: { key: "mark" } }, value: 1 } }], ["state"]],
    ["text without JSON", ["jump {\n\t limit rate 3/minute accept\n\t}" as unknown as object], ["state"]],
  ])("%s", (_, expr, expected) => {
    expect(on(expr)).toEqual(expected);
  });

  test.each([
    ["recent", "-p tcp -m recent --update --seconds 30 -j DROP", ["state"]],
    ["hashlimit", "-m hashlimit --hashlimit-upto 1/min --hashlimit-name x -j ACCEPT", ["state"]],
    ["connlimit", "-p tcp -m connlimit --connlimit-above 2 -j REJECT", ["state"]],
    ["statistic", "-m statistic --mode random --probability 0.5 -j DROP", ["chance"]],
    ["statistic", "-m statistic --mode nth --every 2 --packet 0 -j DROP", ["state"]],
    ["time", "-m time --timestart 08:00:00 -j ACCEPT", ["clock"]],
  ])("iptables's %s: %s", (name, written, expected) => {
    expect(on([xt("match", name), drop], written)).toEqual(expected);
  });

  describe("a limit on the way to chains that log, as ufw has them", () => {
    const inChain = (chain: string, handle: number, expr: object[]): NftListingEntry => ({
      rule: { family: "inet", table: "f", chain, handle, expr },
    });
    const chains: NftListingEntry[] = ["deny", "log"].map((name) => ({ chain: { family: "inet", table: "f", name } }));
    const logged = [limit, { log: { prefix: "[UFW BLOCK] " } }];
    const silent = [
      inChain("deny", 90, [limit, { return: null }]),
      inChain("deny", 91, [{ jump: { target: "log" } }]),
      inChain("log", 92, logged),
    ];
    const found = (rule: object[], more: NftListingEntry[]) =>
      dependentRules(listing([rule], { more: [...chains, ...more] }), { port: 43234, family: 4 }, () => undefined).map(
        ({ rule: { handle } }) => handle,
      );
    const way = [limit, { jump: { target: "deny" } }];

    test("decides nothing, nor does any rule there", () => {
      expect(found(way, silent)).toEqual([]);
      expect(found(way, [...silent, inChain("log", 93, [limit, { goto: { target: "deny" } }])])).toEqual([]);
    });

    test("control: it does where the chain, or one behind it, has a verdict, and where nothing follows the way there", () => {
      expect(found(way, [...silent, inChain("log", 93, [drop])])).toEqual([1, 90]);
      expect(found(way, [...silent, inChain("deny", 93, [drop])])).toEqual([1, 90]);
      expect(found([limit, { goto: { target: "deny" } }], silent)).toEqual([1]);
      expect(found([limit, { return: null }], silent)).toEqual([1]);
    });
  });

  test("an ipset depends on nothing where it is known that nobody changes it", () => {
    const of = (ipsets: string | undefined, written: string, extra: object[][] = []) =>
      dependentRules(listing([[xt("match", "set"), drop], ...extra]), { port: 43234 }, () => written, ipsets)[0]?.on;
    const plain = "create office hash:net\nadd office 192.0.2.0/24\n";
    const rule = "-m set --match-set office src -j DROP";
    expect(of(plain, rule)).toBeUndefined();
    expect(of(undefined, rule)).toEqual(["state"]);
    expect(of("create office hash:net timeout 600\n", rule)).toEqual(["state"]);
    expect(of(plain, "-m set --match-set office src --packets-gt 3 -j DROP")).toEqual(["state"]);
    expect(of(plain, rule, [[xt("target", "SET")]])).toEqual(["state"]);
  });

  test("iptables's NFQUEUE", () => {
    expect(on([xt("target", "NFQUEUE")], "-j NFQUEUE --queue-num 0")).toEqual(["program"]);
    expect(on([xt("target", "TPROXY")], "-p tcp -j TPROXY --on-port 12345 --tproxy-mark 0x1/0x1")).toEqual(["program"]);
  });
});

describe("what answers the same packet always the same", () => {
  test.each<[string, object[], string?]>([
    ["a set of the file", [saddr("@friends"), dport(43234), accept]],
    ["an established connection", [{ match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } }, accept]],
    ["a log with a limit", [limit, { log: { prefix: "quota: " } }]],
    ["a counter with a limit", [limit, { counter: { packets: 0, bytes: 0 } }]],
    ["an address remembered, no more", [{ set: { op: "add", elem: "x", set: "@lately" } }]],
    ["LOG with a limit", [limit, xt("target", "LOG")], '-m limit --limit 3/min -j LOG --log-prefix "[BLOCK] "'],
    ["words in a comment", [xt("match", "comment"), accept], '-p tcp -m comment --comment "-m recent" -j ACCEPT'],
  ])("%s", (_, expr, written) => {
    expect(on(expr, written)).toBeUndefined();
  });
});

describe("which connections a rule may meet", () => {
  const icmp = { match: { op: "==", left: { payload: { protocol: "icmp", field: "type" } }, right: "echo-request" } };
  test.each<[string, object[], string?]>([
    ["another port", [dport(22), limit, accept]],
    ["a set of other ports", [dport({ set: [22, { range: [8000, 8010] }] }), limit, accept]],
    ["any port but this one", [dport(43234, "!="), limit, accept]],
    ["UDP", [dport(43234, "==", "udp"), limit, accept]],
    ["a protocol by its name", [meta("l4proto", "udp"), limit, accept]],
    ["the other family", [meta("nfproto", "ipv6"), limit, accept]],
    [
      "an address of the other family",
      [{ match: { op: "==", left: { payload: { protocol: "ip6", field: "saddr" } }, right: "::1" } }, limit, accept],
    ],
    ["ICMP", [icmp, limit, accept]],
    ["invalid packets", [{ match: { op: "in", left: { ct: { key: "state" } }, right: "invalid" } }, limit, { return: null }]],
    [
      "other ports in iptables's words",
      [xt("match", "multiport"), limit, accept],
      "-p tcp -m multiport --dports 22,80:90 -m limit -j ACCEPT",
    ],
    ["UDP in iptables's words", [xt("match", "conntrack"), limit, accept], "-p udp -m conntrack --ctstate NEW -m limit -j ACCEPT"],
    ["INVALID in iptables's words", [xt("match", "conntrack"), limit, drop], "-m conntrack --ctstate INVALID -m limit -j DROP"],
  ])("not %s", (_, expr, written) => {
    expect(on(expr, written)).toBeUndefined();
  });

  test.each<[string, object[], string?]>([
    ["its port among others", [dport({ set: [22, { range: [43000, 44000] }] }), limit, accept]],
    ["any but another port", [dport(22, "!="), limit, accept]],
    ["a service's name, which may be anything", [dport("http"), limit, accept]],
    ["a set whose elements come and go", [dport("@lately"), limit, accept]],
    ["new connections", [{ match: { op: "in", left: { ct: { key: "state" } }, right: ["new", "invalid"] } }, limit, accept]],
    ["its port in iptables's words", [xt("match", "multiport"), limit, accept], "-p tcp -m multiport --dports 22,43000:44000 -j ACCEPT"],
    ["negated ports", [xt("match", "multiport"), limit, accept], "-p tcp -m multiport ! --dports 22 -j ACCEPT"],
    ["words that are not known", [xt("match", "multiport"), limit, accept]],
  ])("but %s", (_, expr, written) => {
    expect(on(expr, written)).toContain("state");
  });

  test("a chain counts only where a jump may lead to it", () => {
    const rules = (port: number): NftListingEntry[] => [
      { chain: { family: "inet", table: "f", name: "in", hook: "input", policy: "drop" } },
      { chain: { family: "inet", table: "f", name: "ssh" } },
      { rule: { ...where, handle: 1, expr: [dport(port), { jump: { target: "ssh" } }] } },
      { rule: { ...where, chain: "ssh", handle: 2, expr: [limit, accept] } },
    ];
    const dependent = (port: number) => dependentRules({ nftables: rules(port) }, { port: 43234 }, () => undefined);
    expect(dependent(22)).toEqual([]);
    expect(dependent(43234)).toMatchObject([{ rule: { chain: "ssh", handle: 2 }, on: ["state"] }]);
  });

  test("a verdict map leads to chains, too", () => {
    const vmap = { vmap: { key: { payload: { protocol: "tcp", field: "dport" } }, data: { set: [[43234, { goto: { target: "rdp" } }]] } } };
    const found = dependentRules(
      {
        nftables: [
          { chain: { family: "inet", table: "f", name: "in", hook: "input", policy: "drop" } },
          { rule: { ...where, handle: 1, expr: [vmap] } },
          { rule: { ...where, chain: "rdp", handle: 2, expr: [limit, accept] } },
        ],
      },
      { port: 43234 },
      () => undefined,
    );
    expect(found).toMatchObject([{ rule: { handle: 2 } }]);
  });

  test("what leaves the machine has the port as its source, or is a connection of its own to anywhere", () => {
    const rules = listing([[dport(22), limit, accept]], { hook: "output" });
    expect(dependentRules(rules, { port: 43234 }, () => undefined)).toHaveLength(1);
  });

  test("only the packet that opens a connection meets a chain that translates addresses: its destination is the port", () => {
    const found = (type: string, port: number) =>
      dependentRules(listing([[dport(port), limit, accept]], { hook: "output", type }), { port: 43234 }, () => undefined).length;
    expect([found("nat", 22), found("nat", 43234), found("filter", 22)]).toEqual([0, 1, 1]);
  });

  test("the port that destination NAT sends the connection to counts as well", () => {
    const rules = listing(
      [
        [dport(443), { redirect: { port: 43234 } }],
        [dport(43234), limit, accept],
        [dport(80), limit, accept],
      ],
      { hook: "prerouting" },
    );
    expect(dependentRules(rules, { port: 443 }, () => undefined)).toMatchObject([{ rule: { handle: 2 } }]);
  });
});
