/** Rules that may let a neighbour in from a link-local address where they stop it otherwise, and those that only seem to. */
import { describe, expect, test } from "vitest";
import { tellsFamilies, tellsLinkLocal } from "../../../harness/firewall/link-local-rules.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, listing, meta, xt } from "./listings.ts";

const address = (field: "saddr" | "daddr", right: unknown, op = "==", protocol = "ip6") => ({
  match: { op, left: { payload: { protocol, field } }, right },
});
const prefix = (addr: string, len: number) => ({ prefix: { addr, len } });
const campus = prefix("2001:db8:100::", 64);
const linkLocal = prefix("fe80::", 10);
const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "offices", elem: [campus] } },
  { set: { family: "inet", table: "f", name: "changing", flags: ["dynamic"], elem: [] } },
];

const tells = (rule: object[], written?: string) => tellsLinkLocal(listing([rule], { more }), 43234, () => written);

test.each<[string, object[]]>([
  ["accepts link-local sources", [address("saddr", linkLocal), accept]],
  ["accepts one of them", [address("saddr", "fe80::1"), dport(43234), accept]],
  ["accepts all but others", [address("saddr", campus, "!="), accept]],
  ["drops others", [address("saddr", campus), drop]],
  ["drops what is for the server's other address", [address("daddr", "2001:db8:100::10"), dport(43234), drop]],
  ["drops what a set holds", [address("saddr", "@offices"), drop]],
  ["accepts what packets have put into a set", [address("saddr", "@changing"), accept]],
  ["accepts a range that holds some", [address("saddr", { range: ["fe80::1", "fe80::9"] }), accept]],
  ["compares bits", [{ match: { op: "==", left: { "&": [address("saddr", "::").match.left, "ffff::"] }, right: "fe80::" } }, accept]],
  ["looks the address up in a map", [{ vmap: { key: address("saddr", "::").match.left, data: "@who" } }]],
  ["leads others to a chain of its own", [address("saddr", campus), { jump: { target: "offices" } }]],
  [
    "asks for the original destination",
    [{ match: { op: "==", left: { ct: { key: "ip6 daddr", dir: "original" } }, right: campus } }, drop],
  ],
  ["reads bytes", [{ match: { op: "==", left: { payload: { base: "nh", offset: 64, len: 16 } }, right: 0xfe80 } }, accept]],
  ["is for an ipset", [xt("match", "set"), accept]],
])("a rule that %s tells them", (_, rule) => {
  expect(tells(rule)).toBe(true);
});

test.each<[string, object[]]>([
  ["accepts others alone", [address("saddr", { set: [campus, "2001:db8:50::1"] }), dport(43234), accept]],
  ["accepts what a set holds", [address("saddr", "@offices"), accept]],
  ["drops link-local sources, too", [address("saddr", linkLocal), drop]],
  ["drops all but others", [address("saddr", campus, "!="), drop]],
  ["names everybody", [address("saddr", prefix("::", 0)), drop]],
  ["names addresses of IPv4", [address("saddr", prefix("10.0.0.0", 8), "==", "ip"), drop]],
  ["is for another port", [address("saddr", linkLocal), dport(22), accept]],
  ["is for DHCPv6", [address("daddr", prefix("fe80::", 64)), dport(546, "==", "udp"), accept]],
  ["is for neighbour discovery", [address("saddr", linkLocal), meta("l4proto", "ipv6-icmp"), accept]],
  ["asks for the way back", [{ match: { op: "==", left: { fib: { result: "oif", flags: ["saddr", "iif"] } }, right: false } }, drop]],
  ["notes addresses in a set", [{ set: { op: "add", elem: address("saddr", "::").match.left, set: "@changing" } }, accept]],
  ["names none", [dport(43234), drop]],
])("a rule that %s does not", (_, rule) => {
  expect(tells(rule)).toBe(false);
});

test("a dump's words count where nft cannot show them", () => {
  const rule = [xt("match", "conntrack"), accept];
  expect(tells(rule, "-m conntrack --ctorigdst 2001:db8:100::10 -j ACCEPT")).toBe(true);
  expect(tells(rule, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")).toBe(false);
});

describe("IPv6 alone may be let in", () => {
  const families = (rules: object[][], chain?: { family: string; policy: string }) => {
    const listed = listing(rules, { more });
    const own: NftListingEntry[] = chain
      ? [{ chain: { family: chain.family, table: "g", name: "in", type: "filter", hook: "input", policy: chain.policy } }]
      : [];
    return tellsFamilies({ nftables: [...listed.nftables, ...own] }, 43234, () => undefined);
  };

  test.each<[string, object[][], { family: string; policy: string }?]>([
    ["a policy for IPv4", [], { family: "ip", policy: "drop" }],
    ["a drop of IPv4", [[meta("nfproto", "ipv4"), drop]]],
    ["an accept of IPv6", [[meta("nfproto", "ipv6"), dport(43234), accept]]],
    ["a drop of some sources of IPv4", [[address("saddr", prefix("10.0.0.0", 8), "==", "ip"), drop]]],
  ])("%s", (_, rules, chain) => {
    expect(families(rules, chain)).toBe(true);
  });

  test.each<[string, object[][], { family: string; policy: string }?]>([
    ["nothing", []],
    ["the same for both", [[dport(43234), drop]], { family: "inet", policy: "drop" }],
    ["a policy for IPv6", [], { family: "ip6", policy: "drop" }],
    ["a drop of IPv6", [[meta("nfproto", "ipv6"), drop]]],
    ["an accept of IPv4", [[meta("nfproto", "ipv4"), accept]]],
    ["an accept of others of IPv6", [[address("saddr", campus), accept]]],
    ["a drop of IPv4 at another port", [[meta("nfproto", "ipv4"), dport(22), drop]]],
    ["neighbour discovery", [[meta("l4proto", "ipv6-icmp"), accept]]],
  ])("not by %s", (_, rules, chain) => {
    expect(families(rules, chain)).toBe(false);
  });
});
