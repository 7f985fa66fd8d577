import { describe, expect, test } from "vitest";
import { portClassesOf, portsText } from "../../../harness/core/port-range.ts";
import type { FirewallFiles } from "../../../harness/firewall/firewall-files.ts";
import { namedPorts, standInPort } from "../../../harness/firewall/named-ports.ts";
import { firewallOf, type Parts } from "./firewall-of.ts";
import { fixtureNames, loadFixture } from "./fixtures.ts";

function read(kind: FirewallFiles["kind"], contents: readonly (string | Uint8Array)[], parts: Parts = {}) {
  const { groups, inexact } = namedPorts(firewallOf(kind, contents, parts));
  return { groups: groups.map(portsText), inexact: inexact.map(({ rule: text }) => text) };
}

describe("nft", () => {
  test.each([
    ["one port", "tcp dport 22 accept", ["22"]],
    ["a list in place is one group", "tcp dport { 22, 80-90 } accept", ["22, 80-90"]],
    ["without blanks", "tcp dport!={22,80-90}accept", ["22, 80-90"]],
    ["negated", "tcp dport != 22 drop", ["22"]],
    ["a word after it without a blank", "tcp dport 22accept", ["22"]],
    ["services", "tcp dport { ssh, http, ms-wbt-server } accept", ["22, 80, 3389"]],
    ["services as strings", 'tcp dport "ssh" accept', ["22"]],
    ["services of UDP, which nft takes, too", "tcp dport tftp accept", ["69"]],
    ["hexadecimal and octal", "tcp dport { 0x16, 0120 } accept", ["22, 80"]],
    ["ranges with blanks and services", "tcp dport ssh - http accept", ["22-80"]],
    ["a prefix of the bits", "tcp dport { 1024/6, 22 } accept", ["22, 1024-2047"]],
    ["above", "tcp dport > 1024 accept", ["1025-65535"]],
    ["from on", "tcp dport >= 1024 accept", ["1024-65535"]],
    ["below", "tcp dport <1024 accept", ["0-1023"]],
    ["up to", "tcp dport le 1024 accept", ["0-1024"]],
    ["above, in words", "tcp dport gt ssh accept", ["23-65535"]],
    ["source ports", "tcp sport 1024-65535 accept", ["1024-65535"]],
    ["any transport", "meta l4proto tcp th dport 22 accept", ["22"]],
    ["bytes of the packet", "@th,16,16 0xa8e2 drop", ["43234"]],
    ["of the original packet", "ct original proto-dst 80 accept", ["80"]],
    ["a named set", "set s { type inet_service; flags interval; elements = { 22,\n 80-90 } }", ["22, 80-90"]],
    ["elements added later", "add element inet f s { 22, 80 }", ["22, 80"]],
    ["a verdict map", "tcp dport vmap { 22 : accept, 80-90:drop, * : drop }", ["22", "80-90"]],
    ["a map of its own", "map m { type inet_service : verdict; elements = { 22 : accept, http : jump web } }", ["22", "80"]],
    ["a concatenation", "ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 80-90 } accept", ["22", "80-90"]],
    ["the port first", "tcp dport . ip saddr { 22 . 10.0.0.1, 80 . 10.0.0.1 } accept", ["22", "80"]],
    ["a concatenated map", "meta l4proto . th dport vmap { tcp . 22 : accept, udp . 53 : accept }", ["22", "53"]],
    ["elements with limits differ", "tcp dport { 22 limit rate 1/second, 80 } accept", ["22", "80"]],
    ["a list in a list", "tcp dport { { 22, 80 }, 90 } accept", ["90", "22, 80"]],
    ["destination NAT", "tcp dport 80 dnat to 10.0.0.1:8080", ["80", "8080"]],
    ["with the port alone", "dnat to :3389", ["3389"]],
    ["to an IPv6 address, and a range", "dnat ip6 to [2001:db8::1]:8080-8090", ["8080-8090"]],
    ["redirect", "tcp dport { 80, 82 } redirect to :8080", ["8080", "80, 82"]],
    ["redirect without a colon", "tcp dport 80 redirect to 8080", ["80", "8080"]],
    ["a map of targets", "dnat ip addr . port to tcp dport map { 80 : 10.0.0.1 . 8080 }", ["80", "8080"]],
    ["a port from a map", "redirect to :tcp dport map { 80 : 8080, 81:8081 }", ["80", "8080", "81", "8081"]],
    ["after a map of addresses", "dnat to ip saddr map { 10.0.0.1 : 10.0.0.2 }:8080", ["8080"]],
    ["a proxy", "tcp dport 80 tproxy to :50080", ["80", "50080"]],
    ["a keyword that is a service, too", "tcp dport @ports tproxy to :50080\ntcp dport { 80, 90 } tproxy to :50080", ["50080", "80, 90"]],
    ["a port that is set", "tcp dport set 80", ["80"]],
    ["an expected connection", "ct expectation e { protocol tcp; dport 9876; timeout 2m; size 12; }", ["9876"]],
    ["definitions", "define p = { 22, 80 }\ndefine q = 443\ntcp dport $p accept\ntcp dport { $q, 8443 } accept", ["443", "22, 80", "8443"]],
    ["a range defined", "define p = 22-80\ntcp dport $p accept", ["22-80"]],
    ["a variable at a border", "define p = 1024\ntcp dport >= $p accept", ["1024-65535", "1025-65535"]],
    ["a variable at a range's end", "define p = 90\ntcp dport 80-$p accept", ["90-65535", "91-65535", "80-65535", "81-65535"]],
    ["a block of rules in place", "tcp dport 22 jump { tcp sport 1024 accept; tcp sport 1025 drop\n }", ["22", "1024", "1025"]],
    [
      "rules of one chain are apart",
      "table inet f {\n set http {\n typeof tcp dport\n }\n chain c {\n tcp dport 22 accept\n tcp dport 80 drop\n }\n}",
      ["22", "80"],
    ],
    ["each group once", "tcp dport { 80, 22 } accept\ntcp sport { 22, 80 } accept", ["22, 80"]],
    ["comments are none", '# tcp dport 1\ntcp dport 22 accept comment "tcp dport 23" # 24', ["22"]],
    ["ports of other transports are none", "udp dport 53 accept\nudp dport { 67, 68 } accept\nsctp sport != 5000 drop", []],
  ])("%s", (_, text, groups) => {
    expect(read("nft", [text]).groups.toSorted()).toEqual(groups.toSorted());
  });

  test.each([
    "type filter hook input priority -150; policy drop;",
    "type nat hook prerouting priority dstnat + 10; policy accept;",
    "ip saddr 10.0.0.1/8 ip daddr { 192.0.2.1-192.0.2.9, 192.0.2.64/26 } accept",
    "ip6 saddr 2001:db8:22::80 ether saddr 00:16:3e:22:33:44 accept",
    "ip6 daddr ::ffff:10.0.0.1 accept",
    "counter packets 5 bytes 300 accept",
    "limit rate over 10/second burst 5 packets drop",
    "limit rate 10 mbytes/second burst 1024 bytes accept",
    "quota over 500 mbytes used 22 bytes drop",
    "counter c { packets 22 bytes 80 }",
    "set s { type ipv4_addr; size 1024; timeout 10m; gc-interval 60s; elements = { 10.0.0.1 timeout 1h30m counter packets 5 bytes 300 } }",
    "insert rule inet f input index 2 ct state new accept",
    "replace rule inet f input handle 22 accept",
    "ct count over 10 reject",
    "meta mark 22 accept",
    "meta mark set 22",
    "meta mark & 0xff == 22 accept",
    "ct mark set ct mark and 0xff or 22",
    "mark { 1, 2 } meta skuid { 0, 1000 } accept",
    "meta length 40-80 ip ttl < 64 ip protocol 6 ip6 nexthdr { 6, 58 } accept",
    "icmpv6 type { 130, 131 } icmp type != 8 accept",
    "tcp flags & (fin|syn) == 2 tcp option maxseg size set 1460 tcp window 0 accept",
    "reject with icmp type 3",
    "log group 2 snaplen 100 queue-threshold 20",
    "queue num 1-3 bypass",
    "synproxy mss 1460 wscale 7 timestamp",
    "meta priority set 1:10",
    "ct timeout t { protocol tcp; policy = { established : 120, close : 4 }; }",
    "chain http {\n}\nchain ssh {\n type filter hook input priority 0\n}",
    'iifname "22" jump ssh',
    'log prefix "ssh"',
    'meta hour "08:00"-"18:00" accept',
    'ct helper ftp { type "ftp" protocol tcp; }',
    "vlan id 22 ct zone set 80",
  ])("no number is a port: %s", (text) => {
    expect(read("nft", [text]).groups).toEqual([]);
  });

  test("a variable may be defined in another file than where it ends a range; elements may fill a file of their own", () => {
    expect(read("nft", ["define low = 1024", "tcp dport > $low accept", "22, ssh,\n80"]).groups).toEqual([
      "1024-65535",
      "1025-65535",
      "22",
      "80",
    ]);
  });

  test("a file that is not UTF-8", () => {
    expect(read("nft", [Buffer.from("# caf\xe9\ntcp dport 22 accept\n", "latin1")]).groups).toEqual(["22"]);
  });

  test.each([
    ["tcp dport & 0x1 == 1 drop", true],
    ["tcp dport and 1 == 1 drop", true],
    ["tcp dport >> 4 == 5 drop", true],
    ["tcp dport 20 | 2 drop", true],
    ["@th,16,16 43234 accept", true],
    ["@th, 16, 16 43234 accept", true],
    ["@th,104,8 & 2 == 2 accept", false],
    ["@nh,176,16 43234 accept", true],
    ["@nh,96,32 0x0a000001 accept", false],
    ["@ll,288,16 43234 accept", true],
    ["jhash ip saddr . tcp dport mod 2 == 1 drop", true],
    ["jhash ip saddr mod 2 == 1 tcp dport 22 drop", false],
    ["symhash mod 2 == 1 drop", true],
    ["socket transparent 1 accept", true],
    ["jump socket", false],
    ["tcp dport 80 redirect to :numgen inc mod 2 offset 8080", true],
    ["tcp dport 80 dnat to 10.0.0.1:jhash ip saddr mod 5 offset 1000", true],
    ["tcp dport 80 redirect to :tcp sport", true],
    ["tcp dport set tcp sport", true],
    ["tcp dport 80 dnat to jhash ip saddr mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }", false],
    ["tcp dport 80 redirect to :tcp dport map { 80 : 8080 }", false],
    ["tcp dport 80 redirect to :ssh", false],
    ["tcp dport no-such-service accept", true],
    ["tcp dport { 22, no-such-service } accept", true],
    ['tcp dport != "no-such-service" accept', true],
    ["tcp dport { 22 : jump own, http : drop } accept", false],
    ["tcp flags & (fin|syn|rst|ack) == syn tcp dport 22 accept", false],
    ["meta mark & 0xff == 1 tcp dport { 22, http, tftp } accept", false],
    ["meta l4proto . th dport vmap { tcp . 5000 : accept, udp . 5000 : drop }", false],
    ["ct state new update @seen { tcp dport limit rate 1/second } accept", false],
    ['tcp dport @ports accept comment "tcp dport & 1"', false],
    ["tcp dport $PORTS ct count over 3 reject", false],
  ])("%s: tells ports apart by more than ports: %s", (text, is) => {
    expect(read("nft", [], { rules: [text] }).inexact).toEqual(is ? [text] : []);
  });
});

describe("iptables", () => {
  test.each([
    ["-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", ["22"]],
    ["-A INPUT -p tcp -m tcp ! --dport 22 -j ACCEPT", ["22"]],
    ["-A INPUT -p tcp --dport ! 22 -j ACCEPT", ["22"]],
    ["-A INPUT -p tcp --dport 1024: -j ACCEPT", ["1024-65535"]],
    ["-A INPUT -p tcp --dport :1023 -j ACCEPT", ["0-1023"]],
    ["-A INPUT -p tcp --dport=ssh:http -j ACCEPT", ["22-80"]],
    ["-A INPUT -p tcp --dport ms-wbt-server -j ACCEPT", ["3389"]],
    ["-A INPUT -p tcp --dport 0x16 -j ACCEPT", ["22"]],
    ["-A INPUT -p tcp --destination-po 22 -j ACCEPT", ["22"]],
    ["-A INPUT -p tcp -m multiport --dports 22,80,1000:2000 -j ACCEPT", ["22, 80, 1000-2000"]],
    ["-A INPUT -p tcp -m multiport ! --ports 22,ftp-data -j ACCEPT", ["20, 22"]],
    ["-A INPUT -p tcp --sport 1024:65535 --dport 22 -j ACCEPT", ["1024-65535", "22"]],
    ["-A INPUT -p tcp -m multiport --sports 80,443 -j ACCEPT", ["80, 443"]],
    ["[5:300] -A INPUT -p tcp --dport 22 -c 7 80 -j ACCEPT", ["22"]],
    ["-I INPUT 2 -p tcp --dport 22 -j ACCEPT", ["22"]],
    ["-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080", ["80", "8080"]],
    ["-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.9:8080-8090", ["8080-8090"]],
    ["-A PREROUTING -p tcp -j DNAT --to-destination :3389", ["3389"]],
    ["-A PREROUTING -p tcp -j DNAT --to [2001:db8::1]:8080", ["8080"]],
    ["-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1", []],
    ["-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080-8090", ["80", "8080-8090"]],
    ["-A PREROUTING -p tcp -j TPROXY --on-port 50080 --on-ip 10.0.0.1 --tproxy-mark 0x1/0x1", ["50080"]],
    ["-A INPUT -m conntrack --ctorigdstport 80 --ctstate DNAT -j ACCEPT", ["80"]],
    ["-A INPUT ! -p udp -m extension --some-port 99 -j ACCEPT", ["99"]],
    ["-A INPUT -p ! udp --dport 53 -j ACCEPT", ["53"]],
    ["-A INPUT -p udp -m udp --dport 53 -j ACCEPT", []],
    ["-A INPUT -p sctp --dport 5000 -j ACCEPT", []],
    ['-A INPUT -m comment --comment "22" -j ssh', []],
    ["-A INPUT -s 10.0.0.0/8 -d 2001:db8::80 -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT", []],
    ["-A INPUT -m limit --limit 3/min --limit-burst 10 -m length --length 40:80 -m mark --mark 22 -j ACCEPT", []],
    ["-A INPUT -m recent --update --seconds 60 --hitcount 4 --name ssh --rsource -j DROP", []],
    ["-A INPUT -m connlimit --connlimit-above 3 --connlimit-mask 32 -j REJECT --reject-with tcp-reset", []],
    ["-A INPUT -m hashlimit --hashlimit-above 5/sec --hashlimit-burst 7 --hashlimit-name http -j DROP", []],
    ["-A INPUT -p icmp -m icmp --icmp-type 8 -m ttl --ttl-gt 64 -m owner --uid-owner 1000 -j ACCEPT", []],
    ["-A INPUT -m set --match-set http dst -j LOG --log-level 4 --log-prefix ssh", []],
    ["-A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1460", []],
    [":INPUT ACCEPT [22:80]", []],
    ["# -A INPUT -p tcp --dport 22", []],
  ])("%s", (line, groups) => {
    expect(read("iptables", [`*filter\n${line}\nCOMMIT\n`]).groups).toEqual(groups);
  });

  test.each([
    ['-m u32 --u32 "12=0x0a000001" -j ACCEPT', true],
    ['-m bpf --bytecode "4,48 0 0 9" -j ACCEPT', true],
    ['-m string --algo bm --hex-string "|a8e2|" -j DROP', true],
    ["-m socket --transparent -j ACCEPT", true],
    ["-j HMARK --hmark-tuple sport,dport --hmark-mod 2", true],
    ["-p tcp -j DNAT --to-destination 10.0.0.1:8000-8010/9000", true],
    ["-p tcp -j DNAT --to-destination 10.0.0.1:8000-8010", false],
    ["-p tcp -j DNAT --to-destination :3389", false],
    ["-p tcp --dport no-such-service -j ACCEPT", true],
    ["-p tcp -m multiport ! --dports 22,no-such-service -j ACCEPT", true],
    ["-p tcp -m multiport --dports 22,http,1000:2000 -j ACCEPT", false],
    ["-p tcp --dport 1024: -s trusted.example -j ACCEPT", false],
    ["-p tcp -j REDIRECT --to-ports 8080-8090", false],
  ])("%s: tells ports apart by more than ports: %s", (text, is) => {
    expect(read("iptables", [], { rules: [text] }).inexact).toEqual(is ? [text] : []);
  });

  test("an ipset of ports is one group; members with an address, a time or a protocol are their own", () => {
    const ipsets = [
      "create web bitmap:port range 0-65535",
      "add web 80",
      "add web 8080-8090",
      "create short bitmap:port range 0-65535 timeout 600",
      "add short 443 timeout 30",
      "create pairs hash:ip,port family inet hashsize 1024 maxelem 65536",
      "add pairs 10.0.0.1,tcp:22",
      "add pairs 10.0.0.1,udp:53",
      "add pairs 2001:db8::1,tcp:5000-5010",
      "add pairs 10.0.0.2,3389",
      "create bad hash:net family inet hashsize 1024 maxelem 65536",
      "add bad 192.0.2.0/24",
      "add bad fe80::1",
    ].join("\n");
    expect(read("iptables", [""], { ipsets }).groups).toEqual(["80, 8080-8090", "443", "22", "5000-5010", "3389"]);
  });
});

test("one port stands in for all that no rule tells apart", () => {
  const rules = namedPorts(firewallOf("nft", ["tcp dport { 22, 43234-43300 } accept\ntcp dport 5000 drop"]));
  expect([43_234, 43_299, 43_300, 43_301, 5000, 4999, 65_535].map(standInPort(rules))).toEqual([22, 22, 22, 1, 5000, 1, 1]);
  // A rule may tell them apart by more than what is written.
  const inexact = [{ file: "rules", line: 1, rule: "@th,16,16 & 1 == 1 accept" }];
  expect([43_234, 43_299, 5000].map(standInPort({ ...rules, inexact }))).toEqual([43_234, 43_299, 5000]);
});

describe("whole rulesets", () => {
  /** What no rule of theirs names is one class more. */
  const classes: Record<string, number> = {
    "anonymous-chains": 3,
    article: 4,
    "debian-default": 1,
    "debian-server": 2,
    "debian-workstation": 1,
    "docker-host": 5,
    flushed: 6,
    "hand-written-dump": 4,
    includes: 6,
    "ipv6-dump": 2,
    listed: 4,
    "one-line": 4,
    "rate-limits": 5,
    reopened: 5,
    router: 7,
    scripted: 4,
    "sets-and-maps": 11,
    "ufw-host": 3,
    "wrong-family": 3,
  };

  test.each(fixtureNames)("%s has no needless classes", async (name) => {
    expect(portClassesOf(namedPorts(await loadFixture(name)).groups)).toHaveLength(classes[name] ?? 0);
  });
});
