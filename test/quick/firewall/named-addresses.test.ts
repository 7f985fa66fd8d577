import { describe, expect, test } from "vitest";
import { prefixesOf } from "../../../harness/core/address-range.ts";
import type { FirewallFiles } from "../../../harness/firewall/firewall-files.ts";
import { namedAddresses } from "../../../harness/firewall/named-addresses.ts";
import { firewallOf, type Parts } from "./firewall-of.ts";

function read(kind: FirewallFiles["kind"], content: string, { names, ...parts }: Parts & { names?: Record<string, string[]> } = {}) {
  const { groups, inexact } = namedAddresses(firewallOf(kind, [content], parts), names);
  return { groups: groups.map((group) => prefixesOf(group).join(" ")), inexact: inexact.map(({ rule: text }) => text) };
}

describe("nft", () => {
  test.each([
    ["one address", "ip saddr 192.0.2.1 accept", ["192.0.2.1"]],
    ["a set in place is one group", "ip saddr { 192.0.2.1, 10.0.0.0/8 } accept", ["10.0.0.0/8 192.0.2.1"]],
    [
      "other words of a rule",
      'iifname "eth0" tcp dport { 22, 80 } ip6 saddr != 2001:db8::/32 drop comment "not 192.0.2.9"',
      ["2001:db8::/32"],
    ],
    [
      "a named set is one group",
      "set s { type ipv4_addr; flags interval; elements = { 192.0.2.1,\n 10.0.0.1-10.0.0.2 } }",
      ["10.0.0.1 10.0.0.2 192.0.2.1"],
    ],
    ["a range with blanks", "set s { elements = { 10.0.0.1 - 10.0.0.2 } }", ["10.0.0.1 10.0.0.2"]],
    [
      "members with a port differ",
      "set s { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22, 192.0.2.2 . 80 } }",
      ["192.0.2.1", "192.0.2.2"],
    ],
    [
      "members of a map differ",
      "ip saddr vmap { 192.0.2.1 : accept, 192.0.2.2 : drop, 10.0.0.0/8: drop }",
      ["192.0.2.1", "192.0.2.2", "10.0.0.0/8"],
    ],
    [
      "a map of its own",
      "map m { type ipv6_addr : verdict; elements = { 2001:db8::1 : accept, 2001:db8::2 : drop } }",
      ["2001:db8::1", "2001:db8::2"],
    ],
    [
      "definitions",
      "define office = { 192.0.2.0/24, 198.51.100.7 }\ndefine one = 203.0.113.9\n",
      ["192.0.2.0/24 198.51.100.7", "203.0.113.9"],
    ],
    ["rules of one chain are apart", "chain c {\n ip saddr 192.0.2.1 accept\n ip saddr 192.0.2.2 drop\n}", ["192.0.2.1", "192.0.2.2"]],
    ["what is below an address that is compared", "ip saddr < 1.0.0.0 drop", ["1.0.0.0", "0.0.0.0/8 1.0.0.0"]],
    ["operators that touch", "ip saddr !=192.0.2.1 drop\nip saddr>=1.0.0.0 drop", ["192.0.2.1", "1.0.0.0", "0.0.0.0/8 1.0.0.0"]],
    [
      "a range of definitions",
      "define a = 10.0.0.1\ndefine b=10.0.0.2\nip saddr $a - $b drop",
      ["10.0.0.1", "10.0.0.2", "10.0.0.1 10.0.0.2"],
    ],
    [
      "a range with one blank",
      "ip saddr 10.0.0.1 -10.0.0.2 drop\nip saddr 10.0.0.3- 10.0.0.4 drop",
      ["10.0.0.1 10.0.0.2", "10.0.0.3 10.0.0.4"],
    ],
    [
      "numbers and strings",
      'ip saddr 0x0a000001 drop\nip saddr 167772162 drop\nip saddr "10.0.0.3" drop',
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    ],
    ["ports and marks are none", "tcp dport 43234 meta mark 0x2a drop", []],
    ["a list without blanks", "set s { type ipv4_addr; elements={192.0.2.1,192.0.2.4} }", ["192.0.2.1 192.0.2.4"]],
    ["comments are none", "# 192.0.2.1\nip saddr 192.0.2.2 accept # 192.0.2.3", ["192.0.2.2"]],
  ])("%s", (_, text, groups) => {
    expect(read("nft", text).groups.toSorted()).toEqual(groups.toSorted());
  });

  test.each([
    ["ip saddr & 255.255.255.0 == 10.0.0.0 accept", true],
    ["ip saddr and 0.0.0.1 == 1 accept", true],
    ["jhash ip saddr mod 2 == 1 drop", true],
    ["@nh,96,32 0x0a000001 accept", true],
    ["@th,16,16 43234 accept", false],
    ["ip saddr 10.0.0.0/8 ct state new accept", false],
    ["fib saddr . iif oif missing drop", false],
  ])("%s: tells sources apart by more than addresses: %s", (text, is) => {
    expect(read("nft", "", { rules: [text] }).inexact).toEqual(is ? [text] : []);
  });
});

describe("iptables", () => {
  test.each([
    ["-A INPUT -s 192.0.2.1/32 -p tcp -j ACCEPT", ["192.0.2.1"]],
    ["-A INPUT -s 192.0.2.1,10.0.0.0/255.0.0.0 -d 198.51.100.10 -j ACCEPT", ["10.0.0.0/8 192.0.2.1", "198.51.100.10"]],
    ["-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.2 -j DROP", ["10.0.0.1 10.0.0.2"]],
    ["-A INPUT --source=2001:db8::/32 -j DROP", ["2001:db8::/32"]],
    ["-A INPUT -s192.0.2.1 -j DROP", ["192.0.2.1"]],
    ['-A INPUT -m comment --comment "for 192.0.2.1 only" -j DROP', []],
    ["# 192.0.2.1", []],
  ])("%s", (line, groups) => {
    expect(read("iptables", `*filter\n${line}\nCOMMIT\n`).groups).toEqual(groups);
  });

  test.each([
    ["-s 10.0.0.1/0.0.0.255 -j ACCEPT", true],
    ["-s 10.0.0.0/255.0.0.0 -j ACCEPT", false],
    ["-s trusted.example -j ACCEPT", false],
    ['-m u32 --u32 "12=0x0a000001" -j ACCEPT', true],
    ["-m tcp --dport 22 -j ACCEPT", false],
  ])("%s: tells sources apart by more than addresses: %s", (text, is) => {
    expect(read("iptables", "", { rules: [text] }).inexact).toEqual(is ? [text] : []);
  });

  test("members of an ipset with a netmask are networks", () => {
    const ipsets = "create nets hash:ip family inet hashsize 1024 maxelem 65536 netmask 24\nadd nets 192.0.2.0\n";
    expect(read("iptables", "", { ipsets }).groups).toEqual(["192.0.2.0/24"]);
  });

  test("an ipset is one group; `nomatch` and members with a port are their own", () => {
    const ipsets =
      "create bad hash:net\nadd bad 192.0.2.0/24\nadd bad 192.0.2.9 nomatch\nadd bad 203.0.113.1\nadd web 198.51.100.1,tcp:80\n";
    expect(read("iptables", "", { ipsets }).groups).toEqual(["192.0.2.0/24 203.0.113.1", "192.0.2.9", "198.51.100.1"]);
  });

  test("host names that rules may hold", () => {
    expect(read("iptables", "", { names: { "trusted.example": ["192.0.2.5", "2001:db8::5"] } }).groups).toHaveLength(1);
  });
});
