import { describe, expect, test } from "vitest";
import { type AddressRange, parseRange } from "../../../harness/core/address-range.ts";
import { missedDestinations } from "../../../harness/firewall/foreign-destinations.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, listing, where } from "./listings.ts";

const has = ["198.51.100.10", "203.0.113.7", "2001:db8:100::10"].map((text) => parseRange(text) as AddressRange);
const daddr = (right: unknown, op = "==", protocol = "ip") => ({ match: { op, left: { payload: { protocol, field: "daddr" } }, right } });
const ipDaddr = { payload: { protocol: "ip", field: "daddr" } };
const dportOf = { payload: { protocol: "tcp", field: "dport" } };
/** Address and port, or the name of a set of them. */
const both = (...pairs: [address: string, port: number][] | [set: string]) => ({
  match: {
    op: "==",
    left: { concat: [ipDaddr, dportOf] },
    right: typeof pairs[0] === "string" ? pairs[0] : { set: pairs.map((concat) => ({ concat })) },
  },
});
const tracked = (key: string, dir: string, right: string) => ({ match: { op: "==", left: { ct: { key: `ip ${key}`, dir } }, right } });
const byAddress = (own: object) => ({
  vmap: {
    key: ipDaddr,
    data: {
      set: [
        ["51.38.1.2", accept],
        ["198.51.100.10", own],
      ],
    },
  },
});
const more: NftListingEntry[] = [
  { set: { family: "inet", table: "f", name: "pairs", elem: [{ elem: { val: { concat: ["51.38.1.2", 43234] }, comment: "ours" } }] } },
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
    ["a list", [daddr({ set: ["51.38.1.2", { prefix: { addr: "51.38.2.0", len: 24 } }] }), accept], ["51.38.1.2", "51.38.2.0/24"]],
    ["a named set", [daddr("@old"), accept], ["51.38.1.2", "51.38.1.3"]],
    ["beside a port", [both(["51.38.1.2", 43234], ["51.38.1.3", 80]), accept], ["51.38.1.2"]],
    ["beside a port, in a named set", [both("@pairs"), accept], ["51.38.1.2"]],
    ["in a verdict map", [{ vmap: { key: ipDaddr, data: { set: [["51.38.1.2", accept]] } } }], ["51.38.1.2"]],
    ["as connection tracking has it", [tracked("daddr", "original", "51.38.1.2"), accept], ["51.38.1.2"]],
    ["as the source of the answers", [tracked("saddr", "reply", "51.38.1.2"), accept], ["51.38.1.2"]],
    ["an address of IPv6", [daddr("2001:db8::5", "==", "ip6"), accept], ["2001:db8::5"]],
    ["a chain that accepts", [daddr("51.38.1.2"), { jump: { target: "open" } }], ["51.38.1.2"]],
    ["all others are dropped", [daddr("51.38.1.2", "!="), drop], ["51.38.1.2"]],
    ["a redirect", [daddr("51.38.1.2"), { redirect: { port: 43234 } }], ["51.38.1.2"], "prerouting"],
    ["beside loopback", [daddr({ set: ["127.0.0.1", "51.38.1.2"] }), accept], ["51.38.1.2"]],
    ["a verdict map with another verdict for the server's own", [byAddress(drop)], ["51.38.1.2"]],
    ["beside a port of its own", [both(["51.38.1.2", 43234], ["198.51.100.10", 80]), accept], ["51.38.1.2"]],
  ])("%s", (_, expr, addresses, hook) => {
    expect(missed(expr, hook)).toEqual(addresses);
  });

  test.each<[string, object[], string?]>([
    ["the server's own address", [daddr("198.51.100.10"), accept]],
    ["one of the lab's router", [daddr("203.0.113.7"), accept]],
    ["a set with the server's own", [daddr("@own"), accept]],
    ["another port beside each", [both(["51.38.1.2", 80], ["51.38.1.3", 81]), accept]],
    ["a set with the server's own, beside a port", [both(["51.38.1.2", 43234], ["198.51.100.10", 43234]), accept]],
    ["a verdict map with it", [byAddress(accept)]],
    ["the client's address, as connection tracking has it", [tracked("saddr", "original", "51.38.1.2"), accept]],
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
