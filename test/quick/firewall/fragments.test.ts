/** Which rules meet packets in pieces. */
import { expect, test } from "vitest";
import { rulesMissingFragments } from "../../../harness/firewall/fragments.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, where, xt } from "./listings.ts";

const flags = { match: { op: "==", left: { payload: { protocol: "tcp", field: "flags" } }, right: "syn" } };
const state = { match: { op: "in", left: { ct: { key: "state" } }, right: "established" } };

function fragile(hook: { hook: string; prio?: number; type?: string }, rules: object[][], more: NftListingEntry[] = []): number[] {
  const own: NftListingEntry[] = rules.map((expr, at) => ({ rule: { ...where, handle: at + 1, expr } }));
  const found = rulesMissingFragments({
    nftables: [{ chain: { family: "inet", table: "f", name: "in", type: "filter", ...hook } }, ...own, ...more],
  });
  return [...found].map(({ handle }) => handle);
}
const elsewhere = (family: string, expr: object[]): NftListingEntry => ({
  rule: { family, table: "g", chain: "in", handle: 99, expr },
});

const guard = [
  [dport(43234), flags, drop],
  [dport(43234), drop],
];

test("at ingress, those that ask for flags, whatever tracks connections later", () => {
  expect(fragile({ hook: "ingress" }, guard)).toEqual([1]);
  expect(fragile({ hook: "ingress" }, guard, [elsewhere("inet", [state, accept])])).toEqual([1]);
  const chain: NftListingEntry[] = [{ rule: { ...where, chain: "below", handle: 50, expr: [flags, drop] } }];
  expect(fragile({ hook: "ingress" }, [[dport(43234), { jump: { target: "below" } }]], chain)).toEqual([50]);
});

test("at prerouting, where nothing tracks connections of IPv4, or before it does", () => {
  expect(fragile({ hook: "prerouting", prio: -300 }, guard)).toEqual([1]);
  expect(fragile({ hook: "prerouting", prio: -300 }, guard, [elsewhere("ip6", [state, accept])])).toEqual([1]);
  expect(fragile({ hook: "prerouting", prio: -450 }, guard, [elsewhere("inet", [state, accept])])).toEqual([1]);
});

test.each<[string, NftListingEntry]>([
  ["a state", elsewhere("inet", [state, accept])],
  ["a state, in iptables's words", elsewhere("ip", [xt("match", "conntrack"), accept])],
  ["NAT", { chain: { family: "ip", table: "nat", name: "pre", type: "nat", hook: "prerouting", prio: -100 } }],
])("the control: %s needs them whole", (_, entry) => {
  expect(fragile({ hook: "prerouting", prio: -300 }, guard, [entry])).toEqual([]);
});

test("the control: what comes to the input hook is whole", () => {
  expect(fragile({ hook: "input", prio: 0 }, guard)).toEqual([]);
});
