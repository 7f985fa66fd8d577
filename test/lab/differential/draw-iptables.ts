/** Random iptables-save dumps, one for each family. */
import type { Draw } from "../model/random.ts";
import type { Chain, Firewall, IptablesTable } from "./firewall-text.ts";
import { iptablesConditions, iptablesTargets } from "./rare-words.ts";
import { account, addresses, dialledPort, movedPort, port } from "./visitors.ts";

type Family = 4 | 6;

const networks = {
  4: ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "203.0.113.48/28"],
  6: ["2001:db8:100::/64", "2001:db8:7::/64", "2001:db8:50::/60", "2001:db8::/32"],
};
const icmp = { 4: "icmp", 6: "ipv6-icmp" };
const rejects = {
  4: [
    "icmp-port-unreachable",
    "icmp-admin-prohibited",
    "icmp-host-prohibited",
    "icmp-net-unreachable",
    "icmp-proto-unreachable",
    "tcp-reset",
  ],
  6: ["icmp6-port-unreachable", "icmp6-adm-prohibited", "icmp6-no-route", "tcp-reset"],
};

/** `toLoopback`: the listener is on the loopback addresses, and rules mostly lead there. */
export function drawIptables(draw: Draw, { toLoopback = false } = {}): Firewall {
  return { kind: "iptables", v4: drawDump(draw, 4, toLoopback), v6: drawDump(draw, 6, toLoopback) };
}

function drawDump(draw: Draw, family: Family, toLoopback: boolean): IptablesTable[] {
  const tables: IptablesTable[] = [];
  if (draw.chance(0.15))
    tables.push({
      name: "raw",
      chains: [
        early(draw, family, ["-j NOTRACK", "-j CT --notrack", "-j DROP", "-j ACCEPT", ...iptablesTargets.raw]),
        builtin("OUTPUT", untracked(draw)),
      ],
    });
  if (draw.chance(0.2)) tables.push(mangle(draw, family));
  if (draw.chance(toLoopback ? 0.9 : 0.2)) tables.push(nat(draw, family, toLoopback));
  tables.push(filter(draw, family));
  return tables;
}

function builtin(name: string, rules: readonly string[], policy = "ACCEPT"): Chain {
  return { name, head: policy, rules };
}

const login = "-p tcp -m tcp --dport 22 -j ACCEPT";
const loginAnswers = "-p tcp -m tcp --sport 22 -j ACCEPT";

function early(draw: Draw, family: Family, targets: readonly string[]): Chain {
  const rules = Array.from({ length: draw.one([1, 2]) }, () => `${portTest(draw)} ${test(draw, family)} ${draw.one(targets)}`);
  return builtin("PREROUTING", [login, ...rules]);
}

/** The other half of a stateless firewall. */
function untracked(draw: Draw): string[] {
  return draw.chance(0.4) ? [`-p tcp -m tcp --sport ${port} -j CT --notrack`] : [];
}

const marks = [
  "-j MARK --set-xmark 0x1/0xffffffff",
  "-j CONNMARK --set-xmark 0x1/0xffffffff",
  "-j CONNMARK --restore-mark",
  "-j CONNMARK --save-mark",
];

function mangleTargets(family: Family): string[] {
  return iptablesTargets.mangle.filter((target) => !target.startsWith(family === 4 ? "-j HL" : "-j TTL"));
}

function mangle(draw: Draw, family: Family): IptablesTable {
  const chains = [early(draw, family, ["-j DROP", "-j ACCEPT", ...marks, ...mangleTargets(family)])];
  if (draw.chance(0.4))
    chains.push(builtin("INPUT", [login, `${portTest(draw)} ${test(draw, family)} ${draw.one(["-j DROP", ...marks])}`]));
  if (draw.chance(0.3)) chains.push(builtin("OUTPUT", [loginAnswers, `-p tcp ${draw.one(replyTests)} ${draw.one(["-j DROP", ...marks])}`]));
  return { name: "mangle", chains };
}

/** Of what leaves, by what the visitor's side chose or by what became of the connection. */
const replyTests = [
  "-m tcp --dport 32768:60999",
  "-m tcp --dport 1024:65535",
  "-m tcp --dport 0:1023",
  "-m conntrack --ctdir REPLY",
  "-m conntrack --ctdir ORIGINAL",
  `-m conntrack --ctorigdstport ${port}`,
  "-m conntrack --ctstate UNTRACKED",
  "-m conntrack --ctstate INVALID",
  "-m mark --mark 0x1",
  "-m connmark --mark 0x1",
  `-m tcp --sport ${port} --tcp-flags SYN,ACK SYN,ACK`,
];

function nat(draw: Draw, family: Family, toLoopback: boolean): IptablesTable {
  const to = family === 4 ? addresses[4].server : `[${addresses[6].server}]`;
  const inward = `-j DNAT --to-destination 127.0.0.1:${draw.one([22, port, port, port])}`;
  const ways = [
    ...(family === 4 ? Array.from({ length: toLoopback ? 4 : 1 }, () => inward) : []),
    `-j REDIRECT --to-ports ${draw.one([22, 8080, port])}`,
    `-j DNAT --to-destination ${to}:${draw.one([22, port])}`,
    `-j DNAT --to-destination :${draw.one([22, port])}`,
    `-j DNAT --to :${port - 2}-${port + 2}`,
    `-j REDIRECT --to ${draw.one([22, port])}`,
    `-j REDIRECT --to-ports ${port - 2}-${port + 2}${draw.one(["", " --random"])}`,
    `-j DNAT --to-destination ${to}:${port - 2}-${port + 2}`,
    `-m addrtype --dst-type LOCAL -j REDIRECT --to-ports ${draw.one([22, port])}`,
  ];
  const leads: Chain = { name: "LEADS", head: "-", rules: [`-p tcp ${draw.one(ways)}`] };
  const from = draw.one([port, port, movedPort]);
  const named = draw.one([`-m tcp --dport ${from}`, `-m tcp --dport ${from - 40}:${from + 40}`, `-m multiport --dports ${from},8443`]);
  const rules = [`${draw.chance(0.4) ? "-i eth0 " : ""}-p tcp ${named} ${draw.one([...ways, "-j LEADS"])}`];
  const post = draw.chance(0.5) ? ["-o eth0 -j MASQUERADE"] : [];
  const chains = [builtin("PREROUTING", rules), builtin("INPUT", []), builtin("OUTPUT", []), builtin("POSTROUTING", post), leads];
  return { name: "nat", chains };
}

function filter(draw: Draw, family: Family): IptablesTable {
  const usual = [
    draw.chance(0.85) ? "-i lo -j ACCEPT" : "",
    draw.chance(0.92)
      ? draw.one(["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-m state --state ESTABLISHED,RELATED -j ACCEPT"])
      : "",
    draw.chance(0.92) ? `-p ${icmp[family]} -j ACCEPT` : "",
  ].filter((rule) => rule !== "");
  const sub: Chain = { name: "own-chain", head: "-", rules: rules(draw, family, 1, 3, false) };
  const input = [login, ...usual, ...rules(draw, family, 1, 6, true)];
  const outgoing = draw.chance(0.4) ? outbound(draw, family) : [];
  const chains = [
    builtin("INPUT", input, draw.chance(0.55) ? "DROP" : "ACCEPT"),
    builtin("FORWARD", [], "DROP"),
    builtin("OUTPUT", outgoing, outgoing.length > 0 && draw.chance(0.3) ? "DROP" : "ACCEPT"),
    sub,
  ];
  return { name: "filter", chains };
}

function outbound(draw: Draw, family: Family): string[] {
  const tests = [
    `-m owner --uid-owner ${account.uid}`,
    "-m owner ! --uid-owner 0",
    `-m owner --gid-owner ${account.uid}`,
    `-d ${addresses[family].campus}`,
    `-p tcp -m tcp --dport ${dialledPort}`,
    `-p tcp -m tcp --sport ${port}`,
    "-m conntrack --ctstate NEW",
    ...replyTests.map((each) => `-p tcp ${each}`),
  ];
  const drawn = Array.from({ length: draw.one([1, 2, 3]) }, () => `${draw.one(tests)} ${draw.one(["-j DROP", "-j REJECT", "-j ACCEPT"])}`);
  return [
    loginAnswers,
    ...(draw.chance(0.75) ? ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"] : []),
    `-p ${icmp[family]} -j ACCEPT`,
    ...drawn,
  ];
}

function rules(draw: Draw, family: Family, least: number, most: number, jumps: boolean): string[] {
  const count = least + Math.floor(draw.next() * (most - least + 1));
  return Array.from({ length: count }, () => {
    const parts = [
      portTest(draw),
      draw.chance(0.6) ? test(draw, family) : "",
      draw.chance(0.25) ? stateTest(draw) : "",
      draw.chance(0.25) ? draw.one([...iptablesConditions.any, ...iptablesConditions[family], ...iptablesConditions[family]]) : "",
      target(draw, family, jumps),
    ];
    return parts.filter((part) => part !== "").join(" ");
  });
}

function portTest(draw: Draw): string {
  return draw.one([
    `-p tcp -m tcp --dport ${port}`,
    `-p tcp -m tcp --dport ${port}`,
    `-p tcp -m multiport --dports ${port},8080`,
    "-p tcp -m tcp --dport 40000:50000",
    "-p tcp -m tcp --dport 8080",
    "-p tcp",
    "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
  ]);
}

function test(draw: Draw, family: Family): string {
  const sources = Object.values(addresses[family]).slice(1);
  return draw.one([
    `-s ${draw.one(sources)}`,
    `-s ${draw.one(networks[family])}`,
    `! -s ${draw.one(networks[family])}`,
    "-i eth0",
    "! -i lo",
    "-i eth+",
    "-m conntrack --ctstate NEW",
    "-m conntrack ! --ctstate INVALID",
    "-m conntrack --ctstate NEW,UNTRACKED",
    "-m addrtype --dst-type LOCAL",
    "-m mark --mark 0x1",
    "-m mark ! --mark 0x1",
    "-m connmark --mark 0x1",
    "-m conntrack --ctstate UNTRACKED",
    "-m conntrack --ctstate INVALID",
    "-m conntrack --ctdir ORIGINAL",
    `-m conntrack --ctorigdstport ${port}`,
    "-m conntrack --ctstate DNAT",
    "-m length --length 40:80",
    "-m pkttype --pkt-type unicast",
    family === 4 ? "-m iprange --src-range 198.51.100.1-203.0.113.20" : "-m hl --hl-gt 1",
    '-m comment --comment "a rule, and -j DROP in words"',
  ]);
}

function stateTest(draw: Draw): string {
  return draw.one([
    `-m limit --limit ${draw.one(["1/sec", "1/hour", "100/sec"])} --limit-burst ${draw.one([1, 2, 5])}`,
    "-m recent --set --name VISITORS --rsource",
    `-m recent --update --seconds 60 --hitcount ${draw.one([1, 2, 5])} --name VISITORS --rsource`,
    "-m recent --rcheck --seconds 60 --name VISITORS --rsource",
    `-m hashlimit --hashlimit-${draw.one(["above", "upto"])} ${draw.one(["1/hour", "10/sec"])} --hashlimit-burst ${draw.one([1, 5])} --hashlimit-mode srcip --hashlimit-name h${Math.floor(draw.next() * 1e6)}`,
    `-m connlimit --connlimit-above ${draw.one([0, 1, 5])} --connlimit-mask 32`,
    `-m quota --quota ${draw.one([50, 5000])}`,
    `-m connbytes --connbytes ${draw.one(["0:1", "3"])} --connbytes-mode packets --connbytes-dir original`,
  ]);
}

function target(draw: Draw, family: Family, jumps: boolean): string {
  if (jumps && draw.chance(0.15)) return draw.one(["-j own-chain", "-g own-chain"]);
  if (draw.chance(0.06)) return draw.one(iptablesTargets.filter);
  const reject = draw.one(rejects[family]);
  return draw.one(["-j ACCEPT", "-j ACCEPT", "-j ACCEPT", "-j DROP", "-j DROP", `-j REJECT --reject-with ${reject}`, "-j RETURN"]);
}
