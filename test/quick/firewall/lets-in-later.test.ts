/** Rules that keep a first visitor out, and let in whoever tries often enough. */
import { describe, expect, test } from "vitest";
import { letsInLater } from "../../../harness/firewall/lets-in-later.ts";
import type { ListedRule, NftListing, NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, limit, where, xt } from "./listings.ts";

const over = (what: string, amount: object = {}) => ({ [what]: { ...amount, inv: true } });
const every = (mod: number, mode = "inc") => ({ match: { op: "==", left: { numgen: { mode, mod, offset: 0 } }, right: 0 } });
const jump = (target: string) => ({ jump: { target } });

function later(expr: object[], { written, more = [] }: { written?: string; more?: NftListingEntry[] } = {}): boolean {
  const rule = { ...where, chain: "in", handle: 1, expr } as ListedRule;
  return letsInLater(rule, { nftables: [{ rule }, ...more] } as NftListing, written);
}

const chain = (name: string, ...expr: object[]): NftListingEntry => ({ rule: { ...where, chain: name, handle: 9, expr } as ListedRule });
const quota = (inv: boolean) => ({ quota: { family: "inet", table: "f", name: "q", bytes: 500, inv } }) as unknown as NftListingEntry;

describe("nft", () => {
  test.each<[string, object[]]>([
    ["beyond a quota", [dport(43234), over("quota"), accept]],
    ["beyond a rate", [over("limit"), accept]],
    ["connections beyond a number", [over("ct count"), accept]],
    ["beyond a rate for each address", [{ set: { op: "update", elem: {}, set: "@s", stmt: [over("limit")] } }, accept]],
    ["each hundredth", [every(100), accept]],
    ["elsewhere", [over("quota"), { dnat: { addr: "192.0.2.1" } }]],
    ["in words of its own", ["quota over 500 bytes" as unknown as object, accept]],
  ])("%s", (_, expr) => {
    expect(later(expr)).toBe(true);
    expect(later([...expr.slice(0, -1), drop])).toBe(false);
  });

  test("what counts down, is tried often enough, or is settled by chance is no such rule", () => {
    expect(later([limit, accept])).toBe(false);
    expect(later([{ quota: { val: 500 } }, accept])).toBe(false);
    expect(later([every(2), accept])).toBe(false);
    expect(later([every(100, "random"), accept])).toBe(false);
    expect(later([dport(43234), accept])).toBe(false);
  });

  test("an amount with a name", () => {
    expect(later([{ quota: "q" }, accept], { more: [quota(true)] })).toBe(true);
    expect(later([{ quota: "q" }, accept], { more: [quota(false)] })).toBe(false);
    expect(later([{ quota: "q" }, accept])).toBe(false);
  });

  test("a chain that it leads to accepts", () => {
    const rule = [over("quota"), jump("one")];
    expect(later(rule, { more: [chain("one", jump("two")), chain("two", accept)] })).toBe(true);
    expect(later(rule, { more: [chain("one", jump("two")), chain("two", jump("one"), drop), chain("three", accept)] })).toBe(false);
  });
});

describe("iptables", () => {
  const rule = (name: string) => [xt("match", name), accept];
  test.each([
    ["connlimit", "-m connlimit --connlimit-above 50 -j ACCEPT", "-m connlimit --connlimit-upto 50 -j ACCEPT"],
    ["hashlimit", "-m hashlimit --hashlimit-above 9/sec --hashlimit-name h -j ACCEPT", "-m hashlimit --hashlimit-upto 9/sec -j ACCEPT"],
    ["quota", "-m quota ! --quota 500 -j ACCEPT", "-m quota --quota 500 -j ACCEPT"],
    ["recent", "-m recent --update --hitcount 10 -j ACCEPT", "-m recent --update --hitcount 3 -j ACCEPT"],
    ["statistic", "-m statistic --mode nth --every 10 -j ACCEPT", "-m statistic --mode nth --every 2 -j ACCEPT"],
  ])("%s", (name, opens, control) => {
    expect(later(rule(name), { written: opens })).toBe(true);
    expect(later(rule(name), { written: control })).toBe(false);
  });
});
