/** Rulesets with a line that no tool loads: the product must refuse them, at that line, and the model must not answer from them. */
import { iptablesText, nftText } from "./draw-ruleset.ts";
import type { Draw } from "./random.ts";

export interface Unloadable {
  text: string;
  /** 1-based. */
  line: number;
}

export function drawUnloadable(draw: Draw): Unloadable {
  const nft = draw.chance(0.6);
  if (nft && draw.chance(0.2)) return withoutItsEnd(nftText(draw), draw.one(lastLines));
  const lines = (nft ? nftText(draw) : iptablesText(draw)).split("\n");
  const heads = lines.flatMap((each, at) => (/hook input|^-A INPUT /.test(each) ? [at] : []));
  const at = draw.one(heads);
  const fault = nft ? draw.one([...nftFaults.any, ...nftFaults[tableOf(lines.slice(0, at))]]) : draw.one(iptablesFaults);
  lines.splice(at + 1, 0, nft ? `    ${fault}` : fault);
  return { text: lines.join("\n"), line: at + 2 };
}

/** nft takes these only with the end of their line. */
const lastLines = ["define last = 1", 'include "/etc/nftables.d/*.nft"'];

function withoutItsEnd(text: string, last: string): Unloadable {
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  return { text: `${whole}${last}`, line: whole.split("\n").length };
}

function tableOf(before: readonly string[]): "ip" | "ip6" | "inet" {
  return (before.findLast((line) => line.startsWith("table"))?.split(" ")[1] ?? "inet") as "ip" | "ip6" | "inet";
}

const nftFaults = {
  any: [
    "tcp dport 70000 accept",
    "tcp dprot 43234 accept",
    "ip saddr @nowhere accept",
    "jump nowhere",
    "ip saddr 192.0.2.400 accept",
    "tcp dport 43234 acept",
    "ip saddr 192.0.2.66 ip6 daddr ::1 accept",
    "iptables -w -A INPUT -p tcp --dport 43234 -j ACCEPT",
    "tcp dport { 22, 43234 accept",
    "tcp dport 50-40 accept",
    "accept accept",
  ],
  ip: ["ip6 saddr 2001:db8:50::/64 accept", "meta nfproto ipv4 accept", "reject with icmpx admin-prohibited", "ip6 nexthdr tcp accept"],
  ip6: ["ip saddr 192.0.2.66 accept", "ip protocol tcp accept", "meta nfproto ipv6 accept", "ip daddr 198.51.100.10 drop"],
  inet: ["ip6 saddr 192.0.2.66 accept"],
};

const iptablesFaults = [
  "-A INPUT -w -p tcp -m tcp --dport 43234 -j ACCEPT",
  "-A INPUT -p tcp -m tcp --dport 70000 -j ACCEPT",
  "-A INPUT -p tcp --dprot 43234 -j ACCEPT",
  "-A INPUT -j NOWHERE",
  "-A INPUT -s 192.0.2.400 -j ACCEPT",
  "-A INPUT -m nowhere -j ACCEPT",
  "-A INPUT -p tcp -m set --match-set nowhere src -j ACCEPT",
  "-A NOWHERE -j ACCEPT",
  "iptables -w -A INPUT -p tcp --dport 43234 -j ACCEPT",
];

/** Of one that nft 1.1 complains about at another line where the host had a table of that name. */
export const afterAnother: { before: string; ruleset: Unloadable } = {
  before: "table inet filter {\n  chain input {\n    type filter hook input priority filter;\n  }\n}\n",
  ruleset: {
    text: "table ip filter {\n  chain input {\n    type filter hook input priority -150;\n    jump nowhere\n    accept\n  }\n}\n",
    line: 4,
  },
};
