import { expect, test } from "vitest";
import type { PortRange } from "../../../harness/core/port-range.ts";
import { movedPorts } from "../../../harness/firewall/port-moves.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { dport, listing, meta, xt } from "./listings.ts";

const port = { payload: { protocol: "tcp", field: "dport" } };
const more: NftListingEntry[] = [
  {
    map: {
      family: "inet",
      table: "f",
      name: "published",
      elem: [
        [443, { concat: ["198.51.100.10", 43234] }],
        [8443, { concat: ["198.51.100.10", 22] }],
      ],
    },
  },
  { map: { family: "inet", table: "f", name: "changing", flags: ["dynamic"], elem: [] } },
  { map: { family: "inet", table: "f", name: "empty" } },
];

function moved(rules: object[][], { written, named = [] }: { written?: string; named?: PortRange[][] } = {}) {
  return movedPorts(
    listing(rules, { hook: "prerouting", more }),
    43234,
    () => written,
    () => named,
  );
}

test("a map that a rule adds to may lead anywhere, though nft lists no flag for it; an empty one leads nowhere", () => {
  const byMap = [{ redirect: { port: { map: { key: port, data: "@empty" } } } }];
  expect(moved([[dport(443), { map: { op: "update", elem: port, data: 43234, map: "@empty" } }], byMap])).toEqual([1]);
  expect(moved([byMap])).toEqual([]);
});

const one = (first: number, last = first): PortRange => ({ first, last });

test.each<[string, object[][], number[]]>([
  ["redirect", [[dport(443), { redirect: { port: 43234 } }]], [443]],
  [
    "redirect of several ports",
    [[dport({ set: [80, 443, { range: [8000, 8002] }] }), { redirect: { port: 43234 } }]],
    [80, 443, 8000, 8001, 8002],
  ],
  ["a long range by its ends", [[dport({ range: [2000, 3000] }), { redirect: { port: 43234 } }]], [2000, 3000]],
  ["dnat", [[dport(443), { dnat: { addr: "198.51.100.10", port: 43234 } }]], [443]],
  ["dnat to a range", [[dport(443), { dnat: { addr: "198.51.100.10", port: { range: [43000, 44000] } } }]], [443]],
  [
    "a map in place",
    [
      [
        {
          redirect: {
            port: {
              map: {
                key: port,
                data: {
                  set: [
                    [443, 43234],
                    [444, 22],
                  ],
                },
              },
            },
          },
        },
      ],
    ],
    [443],
  ],
  ["a named map of addresses and ports", [[{ dnat: { family: "ip", addr: { map: { key: port, data: "@published" } } } }]], [443]],
  [
    "one redirect after another",
    [
      [dport(80), { redirect: { port: 443 } }],
      [dport(443), { redirect: { port: 43234 } }],
    ],
    [80, 443],
  ],
  [
    "a new port written into the packet",
    [
      [dport(443), { mangle: { key: port, value: 8443 } }],
      [dport(8443), { mangle: { key: { payload: { base: "th", offset: 16, len: 16 } }, value: 43234 } }],
    ],
    [443, 8443],
  ],
  ["a map that packets change", [[dport(443), { redirect: { port: { map: { key: port, data: "@changing" } } } }]], [443]],
])("%s", (_, rules, expected) => {
  expect(moved(rules)).toEqual(expected);
});

test.each<[string, object[][]]>([
  ["no rule", []],
  ["redirect to another port", [[dport(443), { redirect: { port: 8443 } }]]],
  ["dnat that keeps the port", [[dport(443), { dnat: { addr: "198.51.100.20" } }]]],
  ["UDP", [[dport(443, "==", "udp"), { redirect: { port: 43234 } }]]],
])("nothing is moved here by %s", (_, rules) => {
  expect(moved(rules)).toEqual([]);
});

test.each([
  ["REDIRECT", "-p tcp -m tcp --dport 443 -j REDIRECT --to-ports 43234", [443]],
  ["REDIRECT", "-p tcp -m tcp --dport 443 -m string --string x --algo bm --to 99 -j REDIRECT --to 43234", [443]],
  ["REDIRECT", "-p tcp -m tcp --dport 443 -j REDIRECT", []],
  ["REDIRECT", "-p tcp -m multiport --dports 80,8000:8001 -j REDIRECT --to-ports 43234", [80, 8000, 8001]],
  ["DNAT", "-d 198.51.100.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 198.51.100.10:43234", [443]],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination [2001:db8::10]:43234", [443]],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination :43234", [443]],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to 198.51.100.10:43000-44000", [443]],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination 198.51.100.10:remote-desk", [443]],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination :22", []],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination 2001:db8:0:0:0:0:0:43234", []],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination 198.51.100.10", []],
  ["DNAT", "-p tcp -m tcp --dport 443 -j DNAT --to-destination 198.51.100.10:22", []],
  ["DNAT", "-p udp -m udp --dport 443 -j DNAT --to-destination 198.51.100.10:43234", []],
  ["DNAT", "-d 198.51.100.10/32 -j DNAT --to-destination 198.51.100.10:43234", [1]],
])("iptables's %s: %s", (target, written, expected) => {
  expect(moved([[xt("target", target)]], { written })).toEqual(expected);
});

const anyPort = [[meta("iifname", "eth0"), { redirect: { port: 43234 } }]];

test("every port is moved: one of each class that the ruleset tells apart, wherever it names them", () => {
  expect(moved(anyPort, { named: [[one(22)], [one(5000, 5010), one(6000)], [one(43234)]] })).toEqual([1, 22, 5000]);
  expect(moved(anyPort)).toEqual([1]);
});

test("a long range is moved: its ends, and one of each class within it", () => {
  const rules = [[dport({ range: [2000, 3000] }), { redirect: { port: 43234 } }]];
  expect(moved(rules, { named: [[one(22)], [one(2000, 3000)], [one(2000), one(2500, 2600), one(3000)]] })).toEqual([2000, 2001, 3000]);
});
