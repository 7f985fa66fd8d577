import { describe, expect, test } from "vitest";
import { type AddressRange, parseRange } from "../../../harness/core/address-range.ts";
import { missedDestinations } from "../../../harness/firewall/foreign-destinations.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, listing, where } from "./listings.ts";

const has = ["198.51.100.10", "203.0.113.7", "2001:db8:100::10"].map((text) => parseRange(text) as AddressRange);
const daddr = (right: unknown, op = "==", protocol = "ip") => ({ match: { op, left: { payload: { protocol, field: "daddr" } }, right } });
const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "own", elem: ["51.38.1.2", "198.51.100.10"] } },
  { set: { family: "inet", table: "f", name: "old", elem: ["51.38.1.2", "51.38.1.3"] } },
  { chain: { family: "inet", table: "f", name: "open" } },
  { rule: { ...where, chain: "open", handle: 90, expr: [accept] } },
];

function missed(expr: object[], hook = "input"): string[] {
  return missedDestinations(listing([expr], { hook, more }), has, { ports: [43234] }, () => undefined).flatMap(
    ({ addresses }) => addresses,
  );
}

describe("rules that let in at addresses that nothing in the lab has", () => {
  test.each<[string, object[], string[], string?]>([
    ["an address", [daddr("51.38.1.2"), dport(43234), accept], ["51.38.1.2"]],
    ["a list", [daddr({ set: ["51.38.1.2", { prefix: { addr: "51.38.2.0", len: 24 } }] }), accept], ["51.38.1.2", "51.38.2.0"]],
    ["a named set", [daddr("@old"), accept], ["51.38.1.2", "51.38.1.3"]],
    ["an address of IPv6", [daddr("2001:db8::5", "==", "ip6"), accept], ["2001:db8::5"]],
    ["a chain that accepts", [daddr("51.38.1.2"), { jump: { target: "open" } }], ["51.38.1.2"]],
    ["all others are dropped", [daddr("51.38.1.2", "!="), drop], ["51.38.1.2"]],
    ["a redirect", [daddr("51.38.1.2"), { redirect: { port: 43234 } }], ["51.38.1.2"], "prerouting"],
  ])("%s", (_, expr, addresses, hook) => {
    expect(missed(expr, hook)).toEqual(addresses);
  });

  test.each<[string, object[], string?]>([
    ["the server's own address", [daddr("198.51.100.10"), accept]],
    ["one of the lab's router", [daddr("203.0.113.7"), accept]],
    ["a set with the server's own", [daddr("@own"), accept]],
    ["a network with it", [daddr({ prefix: { addr: "198.51.100.0", len: 24 } }), accept]],
    ["it drops", [daddr("51.38.1.2"), drop]],
    ["another port", [daddr("51.38.1.2"), dport(22), accept]],
    ["multicast", [daddr("224.0.0.251"), accept]],
    ["broadcast", [daddr("255.255.255.255"), accept]],
    ["a network's broadcast", [daddr("51.38.1.255"), accept]],
    ["loopback", [daddr({ prefix: { addr: "127.0.0.0", len: 8 } }), accept]],
    ["all but loopback is dropped, as in reality", [daddr({ prefix: { addr: "127.0.0.0", len: 8 } }, "!="), drop]],
    ["what goes through the machine", [daddr("51.38.1.2"), accept], "forward"],
  ])("the control: %s", (_, expr, hook) => {
    expect(missed(expr, hook)).toEqual([]);
  });
});
