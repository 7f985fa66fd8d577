/** Rules that keep a first visitor out, and let in whoever tries often enough. */
import { describe, expect, test } from "vitest";
import type { ListedRule, NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { dependentRules } from "../../../harness/firewall/stateful-rules.ts";
import { accept, dport, drop, limit, listing, where, xt } from "./listings.ts";

const over = (what: string, amount: object = {}) => ({ [what]: { ...amount, inv: true } });
const every = (mod: number, { mode = "inc", op = "==" } = {}) => ({
  match: { op, left: { numgen: { mode, mod, offset: 0 } }, right: 0 },
});
const jump = (target: string) => ({ jump: { target } });

interface Around {
  written?: string;
  more?: NftListingEntry[];
  /** Rules behind it. */
  behind?: object[][];
  hook?: string;
  type?: string;
}

function later(expr: object[], { written, behind = [], ...around }: Around = {}): boolean {
  const words = ({ handle }: ListedRule) => (handle === 1 ? written : undefined);
  const found = dependentRules(listing([expr, ...behind], around), { port: 43234, family: 4 }, words);
  return found.find(({ rule }) => rule.handle === 1)?.letsInLater ?? false;
}

const chain = (name: string, ...rules: object[][]): NftListingEntry[] => [
  { chain: { ...where, name } },
  ...rules.map((expr, at) => ({ rule: { ...where, chain: name, handle: 90 + at, expr } as ListedRule })),
];
const quota = (inv: boolean) => ({ quota: { family: "inet", table: "f", name: "q", bytes: 500, inv } }) as unknown as NftListingEntry;

describe("nft", () => {
  test.each<[string, object[]]>([
    ["beyond a quota", [dport(43234), over("quota"), accept]],
    ["beyond a rate", [over("limit"), accept]],
    ["connections beyond a number", [over("ct count"), accept]],
    ["beyond a rate for each address", [{ set: { op: "update", elem: {}, set: "@s", stmt: [over("limit")] } }, accept]],
    ["each hundredth", [every(100), accept]],
    ["elsewhere", [over("quota"), { dnat: { addr: "192.0.2.1" } }]],
    ["past the rules that follow", [over("quota"), { return: null }]],
    ["in words of its own", ["quota over 500 bytes" as unknown as object, accept]],
  ])("%s", (_, expr) => {
    expect(later(expr)).toBe(true);
    expect(later([...expr.slice(0, -1), drop])).toBe(false);
  });

  test("what counts down, is tried often enough, or is settled by chance is no such rule", () => {
    expect(later([limit, accept])).toBe(false);
    expect(later([{ quota: { val: 500 } }, accept])).toBe(false);
    expect(later([every(2), accept])).toBe(false);
    expect(later([every(100, { mode: "random" }), accept])).toBe(false);
    expect(later([dport(43234), accept])).toBe(false);
    expect(later([dport(22), over("quota"), accept])).toBe(false);
  });

  test.each<[string, object[]]>([
    ["up to a rate", [dport(43234), limit, drop]],
    ["up to a quota", [{ quota: { val: 500 } }, drop]],
    ["connections up to a number", [{ "ct count": { val: 3 } }, { reject: null }]],
    ["all but each hundredth", [every(100, { op: "!=" }), drop]],
    ["in words of its own", ["limit rate 1/hour burst 99 packets" as unknown as object, drop]],
  ])("what is stopped %s", (_, expr) => {
    expect(later(expr)).toBe(true);
    expect(later([...expr.slice(0, -1), accept])).toBe(false);
    expect(later(expr, { behind: [[drop]] })).toBe(false);
  });

  test.each<[string, object]>([
    ["to another port", { redirect: { port: 22 } }],
    ["to another host", { dnat: { addr: "192.0.2.1" } }],
    ["out of an interface", { fwd: { dev: "lo" } }],
    ["to a program", { queue: { num: 0 } }],
  ])("what is led elsewhere up to a rate: %s", (_, statement) => {
    expect(later([dport(43234), limit, statement])).toBe(true);
    expect(later([dport(22), limit, statement])).toBe(false);
    expect(later([dport(43234), limit, statement], { behind: [[drop]] })).toBe(false);
    expect(later([dport(43234), statement])).toBe(false);
  });

  test("what is stopped up to a rate by a chain, and lets others in", () => {
    const more = chain("guard", [dport(43234), drop]);
    expect(later([limit, jump("guard")], { more })).toBe(true);
    expect(later([limit, jump("guard")], { more, behind: [[drop]] })).toBe(false);
  });

  test("a mark up to a rate, for which a rule stops packets", () => {
    const marked = [limit, { mangle: { key: { meta: { key: "mark" } }, value: 1 } }];
    const asking = (verdict: object) => [{ match: { op: "==", left: { meta: { key: "mark" } }, right: 1 } }, verdict];
    expect(later(marked, { behind: [asking(drop)] })).toBe(true);
    expect(later(marked, { behind: [asking(drop), [drop]] })).toBe(false);
    expect(later(marked, { behind: [asking({ log: null })] })).toBe(false);
  });

  test("an amount with a name", () => {
    expect(later([{ quota: "q" }, accept], { more: [quota(true)] })).toBe(true);
    expect(later([{ quota: "q" }, accept], { more: [quota(false)] })).toBe(false);
    expect(later([{ quota: "q" }, accept])).toBe(false);
  });

  test("an amount that a map names", () => {
    const byPort = { quota: { map: { key: { payload: { protocol: "tcp", field: "dport" } }, data: { set: [[43234, "q"]] } } } };
    expect(later([byPort, accept], { more: [quota(true)] })).toBe(true);
    expect(later([byPort, accept], { more: [quota(false)] })).toBe(false);
  });

  test("an amount that each element of a set, or of a map of verdicts, counts for itself", () => {
    const saddr = { payload: { protocol: "ip", field: "saddr" } };
    const counting = (inv: boolean) => ({ val: "192.0.2.66", quota: { val: 400, inv } });
    const set = (inv: boolean) => [{ set: { ...where, name: "s", elem: [{ elem: counting(inv) }] } }];
    const isMember = { match: { op: "==", left: saddr, right: "@s" } };
    expect(later([isMember, accept], { more: set(true) })).toBe(true);
    expect(later([isMember, accept], { more: set(false) })).toBe(false);
    expect(later([isMember, drop], { more: set(true) })).toBe(false);
    const map = (verdict: object) => [
      { map: { ...where, name: "m", elem: [[{ elem: { val: "192.0.2.66" } }, verdict]], stmt: [{ quota: { val: 400, inv: true } }] } },
    ];
    const byMap = { vmap: { key: saddr, data: "@m" } };
    expect(later([byMap], { more: map(accept) })).toBe(true);
    expect(later([byMap], { more: map(drop) })).toBe(false);
  });

  test("a map of verdicts that packets change may accept", () => {
    const byMap = { vmap: { key: { payload: { protocol: "ip", field: "saddr" } }, data: "@m" } };
    const map = (flags: string[]) => [{ map: { ...where, name: "m", flags, elem: [] } }];
    expect(later([over("quota"), byMap], { more: map(["dynamic"]) })).toBe(true);
    expect(later([over("quota"), byMap], { more: map([]) })).toBe(false);
  });

  test("a chain that it leads to accepts", () => {
    const rule = [over("quota"), jump("one")];
    expect(later(rule, { more: [...chain("one", [jump("two")]), ...chain("two", [accept])] })).toBe(true);
    expect(later(rule, { more: [...chain("one", [jump("two")]), ...chain("two", [drop]), ...chain("three", [accept])] })).toBe(false);
  });
});

describe("iptables", () => {
  test.each([
    ["connlimit", "-m connlimit --connlimit-above 50 -j ACCEPT", "-m connlimit --connlimit-upto 50 -j ACCEPT"],
    ["hashlimit", "-m hashlimit --hashlimit-above 9/sec --hashlimit-name h -j ACCEPT", "-m hashlimit --hashlimit-upto 9/sec -j ACCEPT"],
    ["quota", "-m quota ! --quota 500 -j ACCEPT", "-m quota --quota 500 -j ACCEPT"],
    ["rateest", "-m rateest --rateest r --rateest-gt --rateest-bps 1kbit -j ACCEPT", "-m rateest --rateest r --rateest-lt -j ACCEPT"],
    ["recent", "-m recent --update --hitcount 10 -j ACCEPT", "-m recent --update --hitcount 3 -j ACCEPT"],
    ["statistic", "-m statistic --mode nth --every 10 -j ACCEPT", "-m statistic --mode nth --every 2 -j ACCEPT"],
  ])("%s", (name, opens, control) => {
    const rule = [xt("match", name), accept];
    expect(later(rule, { written: opens })).toBe(true);
    expect(later(rule, { written: control })).toBe(false);
  });

  test.each([
    ["connlimit", "-m connlimit --connlimit-upto 50 -j DROP", "-m connlimit --connlimit-above 50 -j DROP"],
    ["hashlimit", "-m hashlimit --hashlimit-upto 9/sec -j DROP", "-m hashlimit --hashlimit-above 9/sec --hashlimit-name h -j DROP"],
    ["limit", "-m limit --limit 6/min --limit-burst 30 -j DROP", "-m addrtype --limit-iface-in -j DROP"],
    ["rateest", "-m rateest --rateest r --rateest-lt --rateest-bps 1kbit -j DROP", "-m rateest --rateest r --rateest-gt -j DROP"],
    ["recent", "-m recent ! --rcheck --hitcount 10 -j DROP", "-m recent --rcheck --hitcount 10 -j DROP"],
  ])("what %s stops", (name, opens, control) => {
    const rule = [xt("match", name), drop];
    expect(later(rule, { written: opens })).toBe(true);
    expect(later(rule, { written: control })).toBe(false);
  });

  test("an address translation that iptables alone shows", () => {
    const rule = (target: string) => [xt("match", "recent"), xt("target", target)];
    const written = "-m recent --rcheck --hitcount 12 -j";
    const nat = { hook: "prerouting", type: "nat" };
    expect(later(rule("REDIRECT"), { ...nat, written: `${written} REDIRECT --to-ports 43234` })).toBe(true);
    expect(later(rule("LOG"), { ...nat, written: `${written} LOG` })).toBe(false);
  });
});
