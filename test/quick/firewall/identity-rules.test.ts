import { describe, expect, test } from "vitest";
import { type AddressRange, parseRange } from "../../../harness/core/address-range.ts";
import { identityRules } from "../../../harness/firewall/identity-rules.ts";
import { assumedInterfaces, unseenSources } from "../../../harness/judgement/unseen-sources.ts";
import { accept, dport, drop, listing, meta, where, xt } from "./listings.ts";

const match = (left: unknown, right: unknown, op = "==") => ({ match: { op, left, right } });
const saddr = { payload: { protocol: "ip", field: "saddr" } };
const hardware = { payload: { protocol: "ether", field: "saddr" } };
const saddr6 = { payload: { protocol: "ip6", field: "saddr" } };
const ports = { payload: { protocol: "tcp", field: "dport" } };
const range = (text: string) => parseRange(text) as AddressRange;

const more = [
  { set: { ...where, name: "friends", flags: ["interval"], elem: ["192.0.2.1"] } },
  { set: { ...where, name: "knocked", flags: ["dynamic"], elem: ["192.0.2.1"] } },
  { set: { ...where, name: "nobody" } },
  { map: { ...where, name: "none" } },
];
const ipsets = "create friends hash:ip\nadd friends 192.0.2.1\ncreate nobody hash:ip\n";

function found(expr: object[], written?: string) {
  return identityRules(listing([expr], { more }), 43234, () => written, ipsets);
}

describe("rules that let on for where packets come from", () => {
  test.each<[string, object[], string[], string[]]>([
    ["an address", [match(saddr, "1.2.3.4"), accept], ["1.2.3.4", "1.2.3.0/24"], ["5.6.7.8", "2001:db8::1"]],
    ["a list", [match(saddr, { set: ["1.2.3.4", { prefix: { addr: "10.0.0.0", len: 8 } }] }), accept], ["10.1.0.0/16"], ["5.6.7.8"]],
    ["a named set", [match(saddr, "@friends"), accept], ["192.0.2.1"], ["1.2.3.4"]],
    [
      "an address with a port",
      [match({ concat: [saddr, ports] }, { set: [{ concat: ["1.2.3.4", 43234] }, { concat: ["5.6.7.8", 22] }] }), accept],
      ["1.2.3.4"],
      ["5.6.7.8"],
    ],
    [
      "a verdict for each",
      [
        {
          vmap: {
            key: saddr,
            data: {
              set: [
                ["1.2.3.4", accept],
                ["5.6.7.8", drop],
              ],
            },
          },
        },
      ],
      ["1.2.3.4"],
      ["5.6.7.8"],
    ],
    ["below an address", [match(saddr, "1.2.3.4", "<"), accept], ["1.2.3.3", "1.2.3.0/24"], ["1.2.3.4", "2001:db8::1"]],
    ["from an address on", [match(saddr, "1.2.3.4", ">="), accept], ["1.2.3.4"], ["1.2.3.3"]],
    ["the source that conntrack noted", [match({ ct: { key: "ip saddr", dir: "original" } }, "1.2.3.4"), accept], ["1.2.3.4"], ["5.6.7.8"]],
    ["the address that answers go to", [match({ ct: { key: "ip daddr", dir: "reply" } }, "1.2.3.4"), accept], ["1.2.3.4"], ["5.6.7.8"]],
    ["everybody except an address is stopped", [match(saddr, "1.2.3.4", "!="), drop], ["1.2.3.4"], ["5.6.7.8"]],
    [
      "everybody except a list is stopped for this port",
      [match({ concat: [saddr, ports] }, { set: [{ concat: ["1.2.3.4", 43234] }, { concat: ["5.6.7.8", 22] }] }, "!="), drop],
      ["1.2.3.4"],
      ["5.6.7.8"],
    ],
    ["on the way to another chain", [match(saddr, "1.2.3.4"), { jump: { target: "friends" } }], ["1.2.3.4"], ["5.6.7.8"]],
  ])("%s", (_, expr, held, others) => {
    const [rule, ...more] = found(expr);
    expect(more).toEqual([]);
    expect(rule?.by).toBe("address");
    for (const text of held) expect(rule?.mayHold(range(text)), text).toBe(true);
    for (const text of others) expect(rule?.mayHold(range(text)), text).toBe(false);
  });

  test.each<[string, object[], string]>([
    ["a hardware address", [match(hardware, "02:00:00:00:00:01"), accept], "hardware-address"],
    [
      "one with an address",
      [match({ concat: [hardware, saddr] }, { set: [{ concat: ["02:00:00:00:00:01", "1.2.3.4"] }] }), accept],
      "hardware-address",
    ],
    ["IPsec", [meta("ipsec", true), accept], "ipsec"],
    ["IPsec's own identity", [match({ ipsec: { key: "reqid", dir: "in", spnum: 0 } }, 1), accept], "ipsec"],
    ["a group of interfaces", [meta("iifgroup", 3), accept], "interfaces"],
    ["a mark", [meta("mark", 7), accept], "mark"],
    ["a bit of one", [match({ "&": [{ ct: { key: "mark" } }, 4] }, 4), accept], "mark"],
    ["bits of an address", [match({ "&": [saddr, "0.0.0.255"] }, "0.0.0.7"), accept], "address-bits"],
    ["bits of one of IPv6", [match({ "&": [saddr6, "::ffff"] }, "::1"), accept], "address-bits"],
    ["bits that are in a set", [match({ "&": [saddr, "0.0.0.255"] }, { set: ["0.0.0.7", "0.0.0.8"] }), accept], "address-bits"],
    ["a verdict for bits", [{ vmap: { key: { "&": [saddr, "0.0.0.255"] }, data: { set: [["0.0.0.7", accept]] } } }], "address-bits"],
    ["a hash of an address", [match({ jhash: { mod: 4, expr: saddr } }, 1), accept], "address-bits"],
    ["bytes where an address is", [match({ payload: { base: "nh", offset: 120, len: 8 } }, 7), accept], "address-bits"],
    ["bytes where a hardware address is", [match({ payload: { base: "ll", offset: 48, len: 48 } }, 7), accept], "hardware-address"],
    ["a list that packets add to", [match(saddr, "@knocked"), accept], "listed"],
    ["a list without anybody", [match(saddr, "@nobody"), accept], "listed"],
    ["a list of addresses with ports", [match({ concat: [saddr, ports] }, "@knocked"), accept], "listed"],
    ["a map without anybody", [{ vmap: { key: saddr, data: "@none" } }, accept], "listed"],
    ["bits of a hardware address", [match({ "&": [hardware, "00:00:00:00:00:ff"] }, "00:00:00:00:00:01"), accept], "hardware-address"],
    ["a kind of interface", [meta("iifkind", "wireguard"), accept], "interfaces"],
    ["a VLAN", [match({ payload: { protocol: "vlan", field: "id" } }, 5), accept], "interfaces"],
    ["a VRF", [meta("sdifname", "vrf0"), accept], "interfaces"],
  ])("by %s", (_, expr, by) => {
    expect(found(expr).map((rule) => rule.by)).toEqual([by]);
  });

  test.each([
    ["-m mac --mac-source 02:00:00:00:00:01 -j ACCEPT", "hardware-address"],
    ["-m mark --mark 0x40000/0xff0000 -j ACCEPT", "mark"],
    ["-m policy --dir in --pol ipsec -j ACCEPT", "ipsec"],
    ["-m eui64 -j ACCEPT", "address-bits"],
    ["-m physdev --physdev-in tap0 -j ACCEPT", "interfaces"],
    ["-m devgroup --src-group 3 -j ACCEPT", "interfaces"],
    ["-m iprange --src-range 1.2.3.4-1.2.3.9 -j ACCEPT", "address"],
    ["-m set --match-set friends src -j ACCEPT", "address"],
    ["-m set --match-set nobody src -j ACCEPT", "listed"],
    ["-m recent --rcheck --name knocked --rsource -j ACCEPT", "listed"],
    ["-m recent --remove --name knocked --rsource -j ACCEPT", "listed"],
    ["-m conntrack --ctorigsrc 1.2.3.0/24 -j ACCEPT", "address"],
    ["-m cluster --cluster-total-nodes 2 --cluster-local-node 1 -j ACCEPT", "address-bits"],
  ])("in iptables's words: %s", (written, by) => {
    expect(found([xt("match", "some"), accept], written).map((rule) => rule.by)).toEqual([by]);
  });

  test.each<[string, object[], string, string?]>([
    ["bits of an address", [match({ "&": [saddr, "0.0.0.255"] }, "0.0.0.7", "!="), drop], "address-bits"],
    ["a hardware address", [match(hardware, "02:00:00:00:00:01", "!="), drop], "hardware-address"],
    ["IPsec", [meta("ipsec", false), drop], "ipsec"],
    ["a mark", [meta("mark", 7, "!="), drop], "mark"],
    ["a list that packets add to", [match(saddr, "@knocked", "!="), drop], "listed"],
    ["a list of iptables's", [xt("match", "recent"), drop], "listed", "-m recent ! --rcheck --name knocked --rsource -j DROP"],
    ["a group of interfaces", [meta("iifgroup", 3, "!="), drop], "interfaces"],
    ["a mark, in iptables's words", [xt("match", "mark"), drop], "mark", "-m mark ! --mark 7 -j DROP"],
    ["IPsec, in iptables's words", [xt("match", "policy"), drop], "ipsec", "-m policy --dir in --pol none -j DROP"],
    ["a range, in iptables's words", [xt("match", "iprange"), drop], "address", "-m iprange ! --src-range 1.2.3.4-1.2.3.9 -j DROP"],
  ])("all are stopped except those of %s", (_, expr, by, written) => {
    expect(found(expr, written).map((rule) => [rule.by, rule.alike])).toEqual([[by, false]]);
  });

  test("all but an address are led to a chain, which stops them or does not", () => {
    const led = [match(saddr, "1.2.3.4", "!="), { jump: { target: "others" } }];
    const others = (expr: object[]) => ({ more: [{ rule: { ...where, chain: "others", handle: 9, expr: expr as never } }] });
    const by = (expr: object[]) => identityRules(listing([led], others(expr)), 43234, () => undefined).map((rule) => rule.rule.handle);
    expect(by([drop])).toEqual([1]);
    expect(by([{ counter: {} }])).toEqual([]);
  });

  test("one that matches stands for all, except in a verdict map", () => {
    const map = { vmap: { key: saddr, data: { set: [["1.2.3.4", accept]] } } };
    expect([[map], [match(saddr, "1.2.3.4"), accept]].map((expr) => found(expr)[0]?.alike)).toEqual([false, true]);
  });

  test.each<[string, object[], string?]>([
    ["it keeps them out", [match(saddr, "1.2.3.4"), drop]],
    ["it lets on everybody else", [match(saddr, "1.2.3.4", "!="), accept]],
    ["it is about another port", [match(saddr, "1.2.3.4"), dport(22), accept]],
    ["each address has another port", [match({ concat: [saddr, ports] }, { set: [{ concat: ["1.2.3.4", 22] }] }), accept]],
    ["it is about connections that are open", [match(saddr, "1.2.3.4"), match({ ct: { key: "state" } }, ["established"], "in"), accept]],
    ["it stops what conntrack does not know, and not who", [match({ ct: { key: "state" } }, ["invalid"], "in"), drop]],
    ["it keeps out a list", [match(saddr, "@knocked"), drop]],
    ["it is about a list of destinations", [match({ payload: { protocol: "ip", field: "daddr" } }, "@nobody"), accept]],
    ["it only adds to a list", [xt("match", "recent"), accept], "-m recent --set --name knocked --rsource -j ACCEPT"],
    [
      "it is about a list of destinations of iptables's",
      [xt("match", "recent"), accept],
      "-m recent --rcheck --name knocked --rdest -j ACCEPT",
    ],
    ["it keeps out by bits", [match({ "&": [saddr, "0.0.0.255"] }, "0.0.0.7"), drop]],
    ["bytes of another field", [match({ payload: { base: "nh", offset: 8, len: 8 } }, 7), accept]],
    ["bits of the port", [match({ "&": [ports, 1] }, 0), accept]],
    ["what comes through IPsec is stopped", [meta("ipsec", true), drop]],
    ["all but some are stopped at another port", [match(saddr, "1.2.3.4", "!="), dport(22), drop]],
    ["it only counts", [match(saddr, "1.2.3.4"), { counter: {} }]],
    ["what does not come through IPsec", [meta("ipsec", false), accept]],
    ["nobody is named", [accept]],
    ["what does not come through IPsec, in iptables's words", [xt("match", "policy"), accept], "-m policy --dir in --pol none -j ACCEPT"],
    ["what comes through IPsec is stopped, in iptables's words", [xt("match", "policy"), drop], "-m policy --dir in --pol ipsec -j DROP"],
    ["what has no mark", [meta("mark", 0), accept]],
    ["what has no mark, in iptables's words", [xt("match", "mark"), accept], "-m mark --mark 0x0/0xff -j ACCEPT"],
    ["an ipset of destinations", [xt("match", "set"), accept], "-m set --match-set own dst -j ACCEPT"],
    ["everybody but a hardware address", [xt("match", "mac"), accept], "-m mac ! --mac-source 02:00:00:00:00:01 -j ACCEPT"],
  ])("the control: %s", (_, expr, written) => {
    expect(found(expr, written)).toEqual([]);
  });
});

test("an ipset that a rule adds to is a list", () => {
  const asking = [xt("match", "set"), accept];
  const by = (adding: string) =>
    identityRules(
      listing([[xt("target", "SET")], asking]),
      43234,
      ({ handle }) => (handle === 1 ? adding : "-m set --match-set friends src -j ACCEPT"),
      ipsets,
    ).map((rule) => rule.by);
  expect(by("-p tcp --dport 7000 -j SET --add-set friends src")).toEqual(["listed"]);
  expect(by("-p tcp --dport 7000 -j SET --add-set others src")).toEqual(["address"]);
});

test("whoever is on a list gets in like everybody else where no rule stops anybody", () => {
  const by = (hook: string) =>
    identityRules(listing([[match(saddr, "@knocked"), accept]], { hook, more }), 43234, () => undefined).map((rule) => rule.by);
  expect(by("input")).toEqual(["listed"]);
  expect(by("prerouting")).toEqual([]);
});

test("a mark that a rule sets is the rules' own", () => {
  const marking = [match(saddr, "1.2.3.4"), { mangle: { key: { meta: { key: "mark" } }, value: 7 } }];
  const byMark = [meta("mark", 7), accept];
  const by = (...rules: object[][]) => identityRules(listing(rules), 43234, () => undefined).map((rule) => rule.by);
  expect(by(byMark)).toEqual(["mark"]);
  expect(by(marking, byMark)).toEqual(["address"]);
});

test("a chain that only marks for what is masqueraded later lets in nobody", () => {
  const chain = (...rules: object[][]) =>
    rules.map((expr, at) => ({ rule: { ...where, chain: "marks", handle: 90 + at, expr: expr as never } }));
  const jump = [match(saddr, "1.2.3.4"), { jump: { target: "marks" } }];
  const mark = [{ mangle: { key: { meta: { key: "mark" } }, value: 7 } }];
  const by = (rules: object[][], ...below: object[][]) =>
    identityRules(listing(rules, { more: chain(...below) }), 43234, () => undefined).map((rule) => rule.by);
  expect(by([jump], mark)).toEqual([]);
  expect(by([jump], [{ counter: {} }], [xt("target", "MARK")])).toEqual([]);
  expect(by([jump, [meta("mark", 7), accept]], mark)).toEqual(["address"]);
  expect(by([jump, [meta("mark", 8), accept]], mark)).toEqual([]);
  expect(by([jump], mark, [accept])).toEqual(["address"]);
});

describe("who may get in besides those that were probed", () => {
  const rule = {
    rule: "ip saddr 1.2.3.4 accept",
    file: "fw.nft",
    line: 6,
    by: "address" as const,
    mayHold: (asked: AddressRange) => asked.first === range("1.2.3.4").first,
    alike: true,
  };
  const missing = () => ({ reachable: [["1.2.3.4"], ["5.6.7.0/24"]], elsewhere: [["10.0.0.0/8"]] });

  test("addresses that no vantage point stands for, and the rule that lets them on", () => {
    expect(unseenSources([rule, rule], [], missing)).toEqual([
      { code: "sources-not-probed", params: { rule: rule.rule, others: 0, prefixes: ["1.2.3.4"], more: 0 }, file: "fw.nft", line: 6 },
    ]);
  });

  test("addresses to which no network of the server leads, and the rule that lets them on", () => {
    expect(unseenSources([rule], [], () => ({ reachable: [["5.6.7.0/24"]], elsewhere: [["1.2.3.4"]] }))).toEqual([
      { code: "sources-elsewhere", params: { rule: rule.rule, others: 0, prefixes: ["1.2.3.4"], more: 0 }, file: "fw.nft", line: 6 },
    ]);
  });

  test("of several rules of a file for the same addresses the last, and how many others there are; another file's apart", () => {
    const jump = { ...rule, rule: "ip saddr 1.2.3.4 jump trusted", line: 5 };
    const elsewhere = { ...rule, file: "more.nft" };
    expect(unseenSources([jump, rule, rule, elsewhere], [], missing)).toMatchObject([
      { params: { rule: rule.rule, others: 1 }, file: "fw.nft", line: 6 },
      { params: { rule: rule.rule, others: 0 }, file: "more.nft" },
    ]);
  });

  test("an identity that is none of addresses, whatever classes there are", () => {
    const mac = { ...rule, by: "hardware-address" as const };
    expect(unseenSources([mac], [], () => ({ reachable: [], elsewhere: [["1.2.3.4"]] })).map(({ code }) => code)).toEqual([
      "identity-not-probed",
    ]);
  });

  test("of several rules of a file for the same kind of identity the first, with the others' lines; another kind, and another file, apart", () => {
    const of = (text: string, by: "address-bits" | "mark", line: number, file = "fw.nft") => ({ ...rule, rule: text, by, line, file });
    const rules = [
      of("ip saddr & 0.0.0.1 == 0 accept", "address-bits", 4),
      of("ip saddr & 0.0.0.1 == 1 accept", "address-bits", 5),
      of("meta mark 7 accept", "mark", 6),
      of("jhash ip saddr mod 2 vmap { 0 : accept }", "address-bits", 7),
      of("ip saddr & 0.0.0.1 == 0 accept", "address-bits", 4, "more.nft"),
    ];
    expect(unseenSources([...rules, ...rules], [], () => ({ reachable: [], elsewhere: [] }))).toEqual([
      {
        code: "identity-not-probed",
        params: { rule: "ip saddr & 0.0.0.1 == 0 accept", by: "address-bits", others: ["5", "7"] },
        file: "fw.nft",
        line: 4,
      },
      { code: "identity-not-probed", params: { rule: "meta mark 7 accept", by: "mark" }, file: "fw.nft", line: 6 },
      {
        code: "identity-not-probed",
        params: { rule: "ip saddr & 0.0.0.1 == 0 accept", by: "address-bits" },
        file: "more.nft",
        line: 4,
      },
    ]);
  });

  test("a rule that a probe met, but that does not treat all alike", () => {
    const except = { ...rule, rule: "ip saddr != 1.2.3.4 drop", alike: false };
    expect(unseenSources([except], [{ file: "fw.nft", line: 6, last: true }], missing).map(({ code }) => code)).toEqual([
      "sources-not-probed",
    ]);
  });

  test("the control: a probe met the rule, or everybody whom it names is stood for", () => {
    expect(unseenSources([rule], [{ file: "fw.nft", line: 6, last: true }], missing)).toEqual([]);
    expect(unseenSources([rule], [], () => ({ reachable: [["5.6.7.0/24"]], elsewhere: [["10.0.0.0/8"]] }))).toEqual([]);
  });
});

test("a rule about an interface that the policy does not name: one that keeps out counts where it kept out somebody", () => {
  const at = (line: number, closes: boolean) => ({
    rule: `rule ${line}`,
    file: "fw.nft",
    line,
    interfaces: ["eth0"],
    closes,
    letsOthersIn: () => line !== 7,
  });
  const told = (line: number) => ({
    code: "interface-assumed",
    params: { rule: `rule ${line}`, interfaces: ["eth0"] },
    file: "fw.nft",
    line,
  });
  const rules = [at(4, false), at(5, true), at(6, true), at(7, true)];
  const stopping = [6, 7].map((line) => ({ rule: `rule ${line}`, file: "fw.nft", line }));
  expect(assumedInterfaces(rules, stopping)).toEqual([told(4), told(6)]);
  expect(assumedInterfaces([...rules, ...rules], [])).toEqual([told(4)]);
});
