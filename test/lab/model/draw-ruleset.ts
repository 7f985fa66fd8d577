/** Random rulesets as text, of the kind that the model reads, and rounds with them. */
import { readSimpleRuleset } from "../../../harness/firewall/simple/ruleset.ts";
import { ports } from "./ports.ts";
import type { Draw } from "./random.ts";
import type { Round } from "./round.ts";

export type Written = "nft" | "iptables";

/** @throws where the model does not understand what was drawn */
export function drawWrittenRound(draw: Draw, kind: Written): Round {
  const text = kind === "nft" ? nftText(draw) : iptablesText(draw);
  const { policy, doubts } = readSimpleRuleset(text, "ruleset");
  if (!policy) throw new Error(`not understood: ${JSON.stringify(doubts)}\n${text}`);
  const ssh = draw.some(
    ["-R :43234:localhost:3389", "-R 43234:localhost:3389", "-R 8081", "-L 8081:localhost:3389", "-L 2222:[::1]:7"],
    2,
    3,
  );
  return {
    config: ["GatewayPorts clientspecified"],
    keys: [""],
    firewall: policy,
    ruleset: { text, ...(doubts.length > 0 ? { without: 6 } : {}) },
    taken: null,
    cases: ssh.map((each) => ({ account: "tunnel", keyIndex: 0, ssh: each })),
  };
}

const networks = {
  4: ["198.51.100.0/24", "203.0.113.50", "203.0.113.0/24", "192.0.2.66", "192.0.2.0/26", "127.0.0.0/8", "0.0.0.0/0"],
  6: ["2001:db8:50::/64", "2001:db8:100::20", "2001:db8::/32", "2001:db8:66::66/128", "::1"],
} as const;

/** What every such ruleset begins with; now and then something that people forget. */
function nftText(draw: Draw): string {
  const policy = draw.one(["drop", "drop", "accept"]);
  const established = draw.one([
    "ct state established,related accept",
    "ct state { established, related } accept",
    "ct state vmap { established : accept, related : accept, invalid : drop }",
  ]);
  const head = [
    established,
    ...(draw.chance(0.8) ? [draw.one(["iif lo accept", 'iifname "lo" accept', 'iifname { "lo" } counter accept'])] : []),
    ...(draw.chance(0.8)
      ? [
          draw.one([
            "meta l4proto { icmp, ipv6-icmp } accept",
            "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept",
            "ip6 nexthdr icmpv6 accept",
          ]),
        ]
      : []),
    draw.one(["tcp dport ssh accept", "tcp dport 22 ct state new accept", "tcp dport { 22, 80 } accept"]),
  ];
  const rules = Array.from({ length: 1 + Math.floor(draw.next() * 4) }, () => nftRule(draw));
  const table = (family: string, lines: readonly string[]) =>
    `table ${family} filter {\n  chain input {\n    type filter hook input priority ${draw.one(["0", "filter", "filter + 5"])}; policy ${policy};\n${lines.map((line) => `    ${line}\n`).join("")}  }\n}\n`;
  if (draw.chance(0.7)) return `${draw.chance(0.5) ? "flush ruleset\n" : ""}${table("inet", [...head, ...rules])}`;
  // One family alone has rules; lines of the other would not load.
  const own = (lines: readonly string[], other: RegExp) => lines.filter((line) => !other.test(line));
  const four = table("ip", own([...head, ...rules], /ip6|icmpv6|ipv6/));
  return draw.chance(0.5) ? four : four + table("ip6", own([...head, ...rules], /ip saddr|ip daddr|ip protocol|ipv4/));
}

function nftRule(draw: Draw): string {
  const family = draw.one([4, 6] as const);
  const protocol = family === 4 ? "ip" : "ip6";
  const source = draw.one(networks[family]);
  const [one, other] = draw.some([...networks[family]].slice(0, 3), 2, 2);
  const [port] = ports;
  const match = [
    ...(draw.chance(0.4)
      ? [
          draw.one([
            `${protocol} saddr ${source}`,
            `${protocol} saddr { ${one?.replace("203.0.113.50", "192.0.2.1")}, ${family === 4 ? "10.0.0.0/8" : "fd00::/8"} }`,
            `${protocol} saddr ${other}`,
          ]),
        ]
      : []),
    ...(draw.chance(0.2) ? [draw.one(['iifname "eth0"', "iif eth0", "meta nfproto ipv4"])] : []),
    ...(draw.chance(0.75)
      ? [
          draw.one([
            `tcp dport ${port}`,
            `tcp dport { 2222, ${port}, 8000-8100 }`,
            "tcp dport 1024-65535",
            "tcp dport 0-1023",
            "meta l4proto tcp th dport 8081",
          ]),
        ]
      : [draw.one(["meta l4proto tcp", "ct state new", "udp dport 53", "ct state invalid"])]),
    ...(draw.chance(0.2) ? ["counter"] : []),
  ];
  const verdict = draw.one(["accept", "accept", "accept", "drop", "drop", "reject"]);
  return `${match.join(" ")} ${verdict}${draw.chance(0.1) ? ' comment "as drawn"' : ""}`;
}

function iptablesText(draw: Draw): string {
  const policy = draw.one(["DROP", "DROP", "ACCEPT"]);
  const block = (family: 4 | 6) => {
    const rules = Array.from({ length: 1 + Math.floor(draw.next() * 3) }, () => iptablesRule(draw, family));
    const head = [
      "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ...(draw.chance(0.8) ? ["-i lo -j ACCEPT"] : []),
      ...(draw.chance(0.8) ? [family === 4 ? "-p icmp -j ACCEPT" : "-p ipv6-icmp -j ACCEPT"] : []),
      "-p tcp -m tcp --dport 22 -j ACCEPT",
    ];
    const header = `# Generated by ip${family === 6 ? "6" : ""}tables-save v1.8.11\n*filter\n:INPUT ${policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n`;
    return `${header}${[...head, ...rules].map((rule) => `-A INPUT ${rule}\n`).join("")}COMMIT\n`;
  };
  return draw.chance(0.5) ? block(4) : block(4) + block(6);
}

function iptablesRule(draw: Draw, family: 4 | 6): string {
  const [port] = ports;
  const match = [
    ...(draw.chance(0.4) ? [`-s ${draw.one(networks[family])}`] : []),
    ...(draw.chance(0.2) ? [`-i ${"eth0"}`] : []),
    draw.one([
      `-p tcp -m tcp --dport ${port}`,
      `-p tcp -m multiport --dports 2222,${port},8000:8100`,
      `-p tcp -m conntrack --ctstate NEW -m tcp --dport ${port}`,
      "-p tcp -m tcp --dport 1024:65535",
      "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
      "-p udp -m udp --dport 53",
    ]),
  ];
  return `${match.join(" ")} -j ${draw.one(["ACCEPT", "ACCEPT", "DROP", "REJECT"])}`;
}
