/** Firewalls that do not load; `record-complaints.ts` keeps what the real tools say of them in complaints.json. */
const table = (content: string) => `table inet filter {\n  chain input { type filter hook input priority 0;\n${content}\n  }\n}\n`;
const dump = (rules: string) => `*filter\n:INPUT DROP [0:0]\n${rules}\nCOMMIT\n`;

export const broken: Record<string, Record<string, string>> = {
  "unknown word": { "nftables.conf": table("    tcp dport 22 allow") },
  "in an included file": { "nftables.conf": table('    include "/etc/d/*.nft"'), "d/a.nft": "tcp dport 1 accept\ntcp dprt 2 accept\n" },
  "in a file included twice over": {
    "nftables.conf": table('    include "./d/a.nft"'),
    "d/a.nft": '  include "d/b.nft"\n',
    "d/b.nft": "\naccpet\n",
  },
  "missing chain": { "nftables.conf": table("    jump nowhere") },
  unclosed: { "nftables.conf": "table inet filter {\n" },
  "made by iptables": { "nftables.conf": table('    xt match "comment" counter accept') },
  CRLF: { "nftables.conf": "table ip t {\r\n}\r\n" },
  option: { "rules.v4": dump("-A INPUT -p tcp --dprt 22 -j ACCEPT") },
  target: { "rules.v4": dump("-A INPUT -p tcp -j ACCEPT\n-A INPUT -p tcp -j NOWHERE\n-A INPUT -p tcp -j ACCEPT") },
  chain: { "rules.v4": dump("-A NOWHERE -j ACCEPT") },
  "refused by the kernel": {
    "rules.v4": dump("-A INPUT -j ACCEPT\n-A INPUT -p tcp -m hashlimit --hashlimit-above 1/day --hashlimit-name h -j DROP"),
  },
  "control group": { "nftables.conf": table('    socket cgroupv2 level 1 "nobodys.slice" drop') },
  "control group of a dump": { "rules.v4": dump("-A INPUT -p tcp -m cgroup --path nobodys.slice -j DROP") },
  "no commit": { "rules.v4": "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 1.1.1.1 -j ACCEPT\n" },
  table: { "rules.v4": "*fitler\n:INPUT DROP [0:0]\nCOMMIT\n" },
  "second of two": { "rules.v4": dump("-A INPUT -j ACCEPT"), "rules.v6": dump("-A INPUT -p tcp --dprt 22 -j ACCEPT") },
};

/** As in a policy. */
export function sourceOf(files: Record<string, string>): string | [string, string?] {
  const [first = "", second] = Object.keys(files);
  if (!first.startsWith("rules.")) return first;
  return second ? [first, second] : [first];
}
