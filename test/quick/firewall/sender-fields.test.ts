import { describe, expect, test } from "vitest";
import { chosenBySender } from "../../../harness/firewall/chosen-by-sender.ts";
import type { ListedRule } from "../../../harness/firewall/rule-lines.ts";
import { senderChoice } from "../../../harness/firewall/sender-fields.ts";
import { accept, dport, drop, limit, listing, where, xt } from "./listings.ts";

const match = (left: unknown, right: unknown, op = "==") => ({ match: { op, left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const bits = (base: string, offset: number, len: number) => ({ payload: { base, offset, len } });
const flags = payload("tcp", "flags");
const masked = (...mask: string[]) => ({ "&": [flags, { "|": mask }] });
const sport = payload("tcp", "sport");
const jump = { jump: { target: "d" } };
const mark = (value: unknown) => ({ mangle: { key: { meta: { key: "mark" } }, value } });

function chosen(expr: object[], written?: string, family = "inet"): string | undefined {
  const [rule] = listing([expr]).nftables.flatMap((each) => each.rule ?? []);
  return senderChoice({ ...(rule as ListedRule), family }, written);
}

function letsIn(expr: object[], written?: string): boolean {
  return chosenBySender(listing([expr]), 43234, () => written).length > 0;
}

describe("what a client chooses and a rule looks at", () => {
  test.each<[string, object[], "port" | "other"]>([
    ["a source port", [match(sport, 53), accept], "port"],
    ["a source port on the way to another chain", [match(sport, { range: [1024, 65535] }), jump], "port"],
    ["a mark made of the source port", [mark(sport)], "port"],
    ["a source port as conntrack has it", [match({ ct: { key: "proto-src", dir: "original" } }, 53), accept], "port"],
    ["the port that answers go to", [match({ ct: { key: "proto-dst", dir: "reply" } }, 53), accept], "port"],
    ["a verdict for each source port", [{ vmap: { key: sport, data: { set: [[22, drop]] } } }], "port"],
    ["a TTL", [match(payload("ip", "ttl"), 255), accept], "other"],
    [
      "a TTL, for another destination",
      [match(payload("ip", "ttl"), 255), { mangle: { key: payload("tcp", "dport"), value: 43234 } }],
      "other",
    ],
    ["a mark made of the DSCP", [mark(payload("ip", "dscp"))], "other"],
    ["the first header of IPv6", [match(payload("ip6", "nexthdr"), "tcp"), drop], "other"],
    ["an extension header", [match(payload("ip6", "nexthdr"), { set: ["tcp", "ipv6-opts"] }), drop], "other"],
    ["an option of IP", [match({ "ip option": { name: "rr" } }, true), accept], "other"],
    ["the system that it seems to be", [match({ osf: { key: "name" } }, "Linux"), accept], "other"],
    ["a SYN with ECN", [match(masked("ecn", "cwr"), { "|": ["ecn", "cwr"] }), accept], "other"],
    ["a SYN with no other flag at all", [match(flags, "syn"), drop], "other"],
    ["the same in a set", [match(flags, { set: ["syn", { "|": ["syn", "ack"] }] }), drop], "other"],
    ["a SYN without PSH and URG", [match(masked("fin", "syn", "rst", "psh", "ack", "urg"), "syn"), drop], "other"],
    ["one that is anything but that", [match(flags, "syn", "!="), accept], "other"],
    ["any of the flags ECE and CWR", [match(flags, ["ecn", "cwr"], "in"), accept], "other"],
    ["flags in a map", [{ vmap: { key: flags, data: { set: [["syn", drop]] } } }], "other"],
    ["the DSCP as bits", [match(bits("nh", 8, 8), 16), accept], "other"],
    ["the flags as bits", [match(bits("th", 104, 8), 0xc2), accept], "other"],
    ["what follows TCP's header", [match(bits("ih", 0, 8), 1), accept], "other"],
  ])("%s", (_, expr, choice) => {
    expect(chosen(expr)).toBe(choice);
  });

  test.each<[string, object[], string?]>([
    ["SYN without FIN, RST and ACK", [match(masked("fin", "syn", "rst", "ack"), "syn"), drop]],
    ["SYN, whatever else is set", [match(flags, "syn", "in"), drop]],
    ["no flag at all: no connection begins so", [match(masked("fin", "syn", "rst", "psh", "ack", "urg"), 0), drop]],
    ["FIN, PSH and URG: nor so", [match(masked("fin", "syn", "rst", "psh", "ack", "urg"), { "|": ["fin", "psh", "urg"] }), drop]],
    ["protocols that are not TCP", [match(payload("ip6", "nexthdr"), { set: ["udp", "ipv6-icmp"] }), accept]],
    ["the destination port", [dport(43234), accept]],
    ["the destination port as conntrack has it", [match({ ct: { key: "proto-dst", dir: "original" } }, 43234), accept]],
    ["an address as bits", [match(bits("nh", 96, 32), 1), accept]],
    ["an address of IPv6 as bits", [match(bits("nh", 64, 128), 1), accept], "ip6"],
    ["a hardware address", [match(payload("ether", "saddr"), "02:00:00:00:00:01"), accept]],
    ["a TTL, for another DSCP", [match(payload("ip", "ttl"), 255), { mangle: { key: payload("ip", "dscp"), value: 3 } }]],
    ["a DSCP that is set", [{ mangle: { key: payload("ip", "dscp"), value: 3 } }]],
    [
      "an MSS that is clamped",
      [match({ "tcp option": { name: "maxseg", field: "size" } }, 1400, ">"), { mangle: { key: { "tcp option": {} }, value: 1400 } }],
    ],
    ["a TTL that is only logged", [match(payload("ip", "ttl"), 5, "<"), { log: null }]],
  ])("the control: %s", (_, expr, family = "inet") => {
    expect(chosen(expr, undefined, family)).toBeUndefined();
  });

  test.each<[string, "port" | "other" | undefined]>([
    ["-p tcp -m multiport --sports 53 -j ACCEPT", "port"],
    ["-p tcp -m multiport --sports=53 -j ACCEPT", "port"],
    ["-m conntrack --ctorigsrcport 53 -j ACCEPT", "port"],
    ["-m conntrack --ctorigdstport 53 -j ACCEPT", undefined],
    ["-m u32 --u32 6&0xFF=6 -j ACCEPT", "other"],
    ["-m bpf --bytecode 1,6 -j ACCEPT", "other"],
    ["-p tcp -m osf --genre Linux -j ACCEPT", "other"],
    ["-m ipv6header --header dst -j ACCEPT", "other"],
    ["-p tcp --tcp-option 8 -m comment --comment x -j DROP", "other"],
    ["-p tcp --tcp-flags ALL SYN -m comment --comment x -j DROP", "other"],
    ["-p tcp --tcp-flags FIN,SYN,RST,ACK SYN -m comment --comment x -j DROP", undefined],
    ["-p tcp --tcp-flags ALL NONE -m comment --comment x -j DROP", undefined],
  ])("in iptables's words: %s", (written, choice) => {
    expect(chosen([xt("match", "some"), drop], written)).toBe(choice);
  });
});

describe("rules that let in whom the lab's clients do not stand for", () => {
  test.each<[string, object[], boolean]>([
    ["a SYN with ECN is let in", [match(masked("ecn", "cwr"), { "|": ["ecn", "cwr"] }), accept], true],
    ["all but a bare SYN", [match(flags, "syn", "!="), accept], true],
    ["a source port as conntrack has it", [match({ ct: { key: "proto-src", dir: "original" } }, 53), accept], true],
    ["untracked packets from a source port", [match({ ct: { key: "state" } }, ["untracked"], "in"), match(sport, 53), accept], true],
    ["the control: every ordinary port", [match({ ct: { key: "proto-src", dir: "original" } }, { range: [1024, 65535] }), accept], false],
    [
      "the control: invalid packets from a source port",
      [match({ ct: { key: "state" } }, ["invalid"], "in"), match(sport, 53), accept],
      false,
    ],
    ["an extension header leads past a rule", [match(payload("ip6", "nexthdr"), "ipv6-opts"), jump], true],
    ["the control: what is no SYN is let in", [match(masked("fin", "syn", "rst", "ack"), "syn", "!="), accept], false],
    ["the control: SYN and ACK", [match(masked("syn", "ack"), { "|": ["syn", "ack"] }), accept], false],
    ["the control: a bare SYN is dropped, which each probe shows", [match(flags, "syn"), drop], false],
    ["the control: what is only logged", [match(payload("ip", "ttl"), 255), { log: null }], false],
  ])("%s", (_, expr, expected) => {
    expect(letsIn(expr)).toBe(expected);
  });

  test.each<[string, object[][], boolean]>([
    ["only logs and drops", [[{ log: null }], [drop]], false],
    ["goes to one that drops", [[{ goto: { target: "end" } }]], false],
    ["drops some", [[dport(22), drop]], true],
    ["lets some return before it drops", [[limit, { return: null }], [drop]], true],
    ["accepts before it drops", [[accept], [drop]], true],
    ["is not known", [], true],
  ])("a chain for what the client chooses that %s", (_, rules, expected) => {
    const chain = (name: string, own: object[][]) =>
      own.map((expr, at) => ({ rule: { ...where, chain: name, handle: at + 20, expr } as ListedRule }));
    const more = [...chain("d", rules), ...chain("end", [[drop]])];
    expect(chosenBySender(listing([[match(sport, 0), jump]], { more }), 43234, () => undefined).length > 0).toBe(expected);
  });

  test("the control: iptables's flags of what is no SYN", () => {
    expect(letsIn([xt("match", "comment"), accept], "-p tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m comment --comment x -j ACCEPT")).toBe(
      false,
    );
    expect(letsIn([xt("match", "comment"), accept], "-p tcp ! --tcp-flags ALL SYN -m comment --comment x -j ACCEPT")).toBe(true);
  });
});
