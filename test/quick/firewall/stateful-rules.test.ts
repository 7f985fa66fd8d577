import { describe, expect, test } from "vitest";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { dependentRules } from "../../../harness/firewall/stateful-rules.ts";
import { accept, dport, drop, limit, listing, meta, where, xt } from "./listings.ts";

const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "lately", flags: ["dynamic", "timeout"] } },
  { set: { family: "inet", table: "f", name: "friends", flags: ["interval"], elem: ["192.0.2.1"] } },
  { set: { family: "inet", table: "f", name: "counted", elem: ["192.0.2.1"], stmt: [{ quota: { val: 400, inv: true } }] } },
  { set: { family: "inet", table: "f", name: "seen", elem: ["192.0.2.1"], stmt: [{ counter: null }] } },
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
    ["one of two from a hash", [{ match: { op: "==", left: { jhash: { mod: 2, expr: "x" } }, right: 0 } }, drop], ["chance"]],
    ["the number of a connection", [{ match: { op: "<", left: { ct: { key: "id" } }, right: 5 } }, accept], ["chance"]],
    ["an address that counts for itself", [saddr("@counted"), accept], ["state"]],
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
    ["cpu", "-m cpu --cpu 0 -j ACCEPT", ["chance"]],
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

  test("a mark from a hash of the packet", () => {
    expect(on([xt("target", "HMARK")], "-j HMARK --hmark-tuple sport --hmark-mod 4 --hmark-rnd 0x1")).toEqual(["chance"]);
    expect(on([xt("target", "MARK")], "-j MARK --set-xmark 0x1/0xffffffff")).toBeUndefined();
  });

  test("iptables's NFQUEUE", () => {
    expect(on([xt("target", "NFQUEUE")], "-j NFQUEUE --queue-num 0")).toEqual(["program"]);
    expect(on([xt("target", "TPROXY")], "-p tcp -j TPROXY --on-port 12345 --tproxy-mark 0x1/0x1")).toEqual(["program"]);
  });
});

describe("what answers the same packet always the same", () => {
  test.each<[string, object[], string?]>([
    ["a set of the file", [saddr("@friends"), dport(43234), accept]],
    ["a set whose elements have counters", [saddr("@seen"), accept]],
    ["a connection's zone", [{ match: { op: "==", left: { ct: { key: "zone" } }, right: 5 } }, accept]],
    ["an established connection", [{ match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } }, accept]],
    ["a log with a limit", [limit, { log: { prefix: "quota: " } }]],
    ["a counter with a limit", [limit, { counter: { packets: 0, bytes: 0 } }]],
    ["an address remembered, no more", [{ set: { op: "add", elem: "x", set: "@lately" } }]],
    ["LOG with a limit", [limit, xt("target", "LOG")], '-m limit --limit 3/min -j LOG --log-prefix "[BLOCK] "'],
    ["the only one of one", [{ vmap: { key: { numgen: { mode: "random", mod: 1 } }, data: { set: [[0, { drop: null }]] } } }]],
    [
      "the only one of one, in iptables's words",
      [xt("match", "statistic"), drop],
      "-m statistic --mode random --probability 1.00000000000 -j DROP",
    ],
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

describe("whose packets a rule may meet", () => {
  const clock = meta("day", "Sunday");
  const from = (source: string, expr: object[], written?: string) =>
    dependentRules(listing([expr], { more }), { port: 43234, family: 4, source }, () => written)[0]?.on;

  test.each<[string, object[], string?]>([
    ["an address", [saddr("192.0.2.9"), clock, drop]],
    ["a network", [saddr({ prefix: { addr: "192.0.2.8", len: 30 } }), clock, drop]],
    ["addresses that a set holds for a while", [saddr("@banned"), drop]],
    ["an address in a verdict map", [{ vmap: { key: saddr(0).match.left, data: { set: [["192.0.2.9", { drop: null }]] } } }, clock]],
    ["a range in iptables's words", [xt("match", "iprange"), clock, drop], "-m iprange --src-range 192.0.2.8-192.0.2.10 -j DROP"],
  ])("%s", (_, expr, written) => {
    expect(from("192.0.2.9", expr, written)).toEqual(["clock"]);
    expect(from("192.0.2.99", expr, written)).toBeUndefined();
  });

  test("everybody's but one's", () => {
    const rule = [{ match: { ...saddr("192.0.2.9").match, op: "!=" } }, clock, drop];
    expect(from("192.0.2.9", rule)).toBeUndefined();
    expect(from("192.0.2.99", rule)).toEqual(["clock"]);
  });

  test("a set that packets add to may hold anybody", () => {
    expect(from("192.0.2.99", [saddr("@lately"), drop])).toEqual(["state"]);
  });

  test("those that a set, to which packets add, holds for a while since the file was written", () => {
    const elem = [{ elem: { val: "192.0.2.9", timeout: 60, expires: 50 } }, "192.0.2.10"];
    const sets = [{ set: { ...where, name: "bans", flags: ["dynamic", "timeout"], elem } }];
    const asked = (source: string, expr: object[]) =>
      dependentRules(listing([expr], { more: sets }), { port: 43234, family: 4, source }, () => undefined)[0]?.on;
    expect(asked("192.0.2.9", [saddr("@bans"), drop])).toEqual(["state", "clock"]);
    expect(asked("192.0.2.9", [{ vmap: { key: saddr(0).match.left, data: "@bans" } }])).toEqual(["state", "clock"]);
    expect(asked("192.0.2.10", [saddr("@bans"), drop])).toEqual(["state"]);
    expect(asked("192.0.2.99", [saddr("@bans"), drop])).toEqual(["state"]);
    expect(asked("192.0.2.9", [{ match: { ...saddr("@bans").match, op: "!=" } }, drop])).toEqual(["state"]);
    expect(asked("192.0.2.9", [{ set: { op: "update", elem: "x", set: "@bans", stmt: [limit] } }, accept])).toEqual(["state"]);
  });

  test("anybody's, where a rule gives packets another source", () => {
    const translated = (target: object) =>
      dependentRules(listing([[target], [saddr("@banned"), drop]], { more }), { port: 43234, source: "192.0.2.99" }, () => "-j SNAT");
    expect(translated({ snat: { addr: "192.0.2.9" } })).toHaveLength(1);
    expect(translated({ mangle: { key: saddr(0).match.left, value: "192.0.2.9" } })).toHaveLength(1);
    expect(translated(xt("target", "SNAT"))).toHaveLength(1);
    expect(translated({ counter: null })).toHaveLength(0);
  });

  test("what leaves the machine is not from the visitor", () => {
    const rules = listing([[saddr("192.0.2.9"), clock, drop]], { hook: "output" });
    expect(dependentRules(rules, { port: 43234, source: "192.0.2.99" }, () => undefined)).toHaveLength(1);
  });
});

describe("marks", () => {
  const mark = (right: unknown, key = "meta") => ({ match: { op: "==", left: { [key]: { key: "mark" } }, right } });
  const masked = (mask: number, right: number) => ({ match: { op: "==", left: { "&": [{ meta: { key: "mark" } }, mask] }, right } });
  const set = (value: unknown) => ({ mangle: { key: { meta: { key: "mark" } }, value } });
  const meets = (rule: object[], setting: object[], words = "") =>
    dependentRules(listing([setting, rule]), { port: 43234 }, ({ handle }) => (handle === 1 ? words : "-m mark --mark 0x10/0x10 -j QUEUE"))
      .length === 1;
  const chance = { match: { op: "<", left: { meta: { key: "random" } }, right: 9 } };

  test.each<[string, object[]]>([
    ["a packet's mark", [mark(0x10), chance, drop]],
    ["a connection's mark", [mark(0x10, "ct"), chance, drop]],
    ["bits of a mark", [masked(0xff, 0x10), chance, drop]],
    ["one of several", [mark({ set: [0x10, 0x20] }), chance, drop]],
    ["iptables's words", [xt("match", "mark"), chance, drop]],
  ])("%s: no packet has it where no rule sets its bits", (_, rule) => {
    expect(meets(rule, [set(0x10)])).toBe(true);
    expect(meets(rule, [set({ "|": [{ meta: { key: "mark" } }, 0x10] })])).toBe(true);
    expect(meets(rule, [set({ map: { key: "x", data: "@y" } })])).toBe(true);
    expect(meets(rule, [xt("target", "MARK")], "-j MARK --set-xmark 0x1f/0xff")).toBe(true);
    expect(meets(rule, [xt("target", "CONNMARK")], "-j CONNMARK --restore-mark --left-shift-mark 4")).toBe(true);
    expect(meets(rule, [set(0x01)])).toBe(false);
    expect(meets(rule, [set({ "&": [{ meta: { key: "mark" } }, 0xff] })])).toBe(false);
    expect(meets(rule, [xt("target", "MARK")], "-j MARK --set-xmark 0x0/0xff")).toBe(false);
    expect(meets(rule, [{ mangle: { key: { meta: { key: "priority" } }, value: 0x10 } }])).toBe(false);
  });

  test("none, or another one, every packet may have", () => {
    expect(meets([mark(0), chance, drop], [{ counter: null }])).toBe(true);
    expect(meets([{ match: { ...mark(0x10).match, op: "!=" } }, chance, drop], [{ counter: null }])).toBe(true);
  });
});

describe("destination NAT to one of several", () => {
  const range = (first: number, last: number) => ({ range: [first, last] });
  const led = (target: object, { port = 443, listener = 43234, written = undefined as string | undefined } = {}) =>
    dependentRules(listing([[target]], { hook: "prerouting", type: "nat" }), { port, listener }, () => written)[0]?.on ?? [];

  test("of its ports, the kernel takes one", () => {
    expect(led({ redirect: { port: range(43230, 43234) } })).toEqual(["chance"]);
    expect(led({ dnat: { addr: "192.0.2.1", port: range(43230, 43234) } })).toEqual(["chance"]);
    expect(led({ redirect: { port: 43234 } })).toEqual([]);
    expect(led({ redirect: { port: range(8000, 8010) } })).toEqual([]);
  });

  test("one of them is kept, unless it is to be random", () => {
    expect(led({ redirect: { port: range(43230, 43234) } }, { port: 43234 })).toEqual([]);
    expect(led({ redirect: { port: range(43230, 43234) } }, { port: 43231 })).toEqual([]);
    expect(led({ redirect: { port: range(43230, 43234), flags: "random" } }, { port: 43234 })).toEqual(["chance"]);
    expect(led({ redirect: { port: range(43230, 43234), flags: ["fully-random"] } }, { port: 43234 })).toEqual(["chance"]);
  });

  test("of its addresses, each client gets one", () => {
    expect(led({ dnat: { addr: range(1, 2) } })).toEqual(["chance"]);
    expect(led({ dnat: { addr: range(1, 2), port: 43234 } })).toEqual(["chance"]);
    expect(led({ dnat: { addr: range(1, 2), port: 8080 } })).toEqual([]);
    expect(led({ dnat: { addr: range(1, 2), type_flags: ["prefix"] } })).toEqual([]);
  });

  test("of what a map has for a client, too", () => {
    const map = (value: unknown) => ({
      map: { key: { payload: { protocol: "ip", field: "saddr" } }, data: { set: [["192.0.2.66", value]] } },
    });
    expect(led({ dnat: { addr: map(range(1, 2)) } })).toEqual(["chance"]);
    expect(led({ dnat: { addr: map("192.0.2.1") } })).toEqual([]);
    expect(led({ dnat: { addr: map({ concat: ["192.0.2.1", range(43230, 43234)] }) } })).toEqual(["chance"]);
    expect(led({ dnat: { addr: map({ concat: ["192.0.2.1", 43234] }) } })).toEqual([]);
    expect(led({ redirect: { port: map(range(43230, 43234)) } })).toEqual(["chance"]);
    expect(led({ redirect: { port: map(43234) } })).toEqual([]);
  });

  test.each<[string, string[]]>([
    ["-j DNAT --to-destination 192.0.2.1:43230-43234", ["chance"]],
    ["-j DNAT --to-destination 192.0.2.1-192.0.2.2", ["chance"]],
    ["-j DNAT --to-destination 2001:db8::1-2001:db8::2", ["chance"]],
    ["-j DNAT --to-destination :43230-43234", ["chance"]],
    ["-j DNAT --to-destination [2001:db8::1]-[2001:db8::2]:43234", ["chance"]],
    ["-j DNAT --to-destination [2001:db8::1]:43230-43234 --random", ["chance"]],
    ["-j DNAT --to-destination 192.0.2.1:43230-43234/443", []],
    ["-j DNAT --to-destination 192.0.2.1:43234", []],
    ["-j DNAT --to-destination 192.0.2.1", []],
    ["-j DNAT --to-destination 2001:db8::1", []],
    ["-j DNAT --to-destination 192.0.2.1:8000-8010", []],
  ])("%s", (written, expected) => {
    expect(led(xt("target", "DNAT"), { written })).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["-j REDIRECT --to-ports 43230-43234", ["chance"]],
    ["-j REDIRECT --to-ports 43234", []],
    ["-j REDIRECT", []],
  ])("%s", (written, expected) => {
    expect(led(xt("target", "REDIRECT"), { written })).toEqual(expected);
  });
});
