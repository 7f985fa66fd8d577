/** Ports: ranges and lists that have the forward's in them, or do not. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6, openNft, openV4, openV6 } from "./texts.ts";

const nobody = { right: [], exposes: everyone } as const;
const nobody4 = { right: [], exposes: ["0.0.0.0/0"] } as const;

export const portRanges: readonly PlantedCase[] = [
  {
    name: "nft: the end of a range",
    mistake: "The range of the game server ends one port too late.",
    files: { "nftables.conf": closedNft("tcp dport 43000-4323«3|4» accept") },
    ...nobody,
  },
  {
    name: "nft: a port left in a list",
    mistake: "The port of the old desktop was left in the list.",
    files: { "nftables.conf": closedNft("tcp dport { 80, 443«|, 43234» } accept") },
    ...nobody,
  },
  {
    name: "nft: a range in a set",
    mistake: "One digit too many: the range was to end at 8999.",
    files: {
      "nftables.conf": `table inet filter {
  set public_ports {
    type inet_service
    flags interval
    elements = { 80, 443, 8000-«8999|48999» }
  }
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    tcp dport @public_ports accept
  }
}
`,
    },
    ...nobody,
  },
  {
    name: "nft: everything but a list",
    mistake: "The list of what stays open has the forward's port in it.",
    files: { "nftables.conf": openNft("iif lo accept\nct state established,related accept\ntcp dport != { 22, 443«|, 43234» } drop") },
    ...nobody,
  },
  {
    name: "nft: digits transposed",
    mistake: "43243 for 43234: the drop is for a port that nobody uses.",
    files: { "nftables.conf": openNft("tcp dport 432«34|43» drop") },
    ...nobody,
  },
  {
    name: "nft: another protocol",
    mistake: "The drop is for UDP.",
    files: { "nftables.conf": openNft("meta l4proto «tcp|udp» th dport 43234 drop") },
    ...nobody,
  },
  {
    name: "nft: sport for dport",
    mistake: "The drop looks at the port that clients come from.",
    files: { "nftables.conf": openNft("tcp «d|s»port 43234 drop") },
    ...nobody,
  },
  {
    name: "nft: a lower bound",
    mistake: "`>` for `>=`: the first port of the range is the forward's.",
    files: { "nftables.conf": openNft("tcp dport «>=|>» 43234 drop") },
    ...nobody,
  },
  {
    name: "iptables: an open end",
    mistake: "`1024:` has no upper end.",
    files: { "rules.v4": closedV4("-A INPUT -p tcp -m tcp --dport 1024:«32767|65535» -j ACCEPT"), "rules.v6": closedV6("") },
    ...nobody4,
  },
  {
    name: "iptables: multiport",
    mistake: "The port of the old desktop was left in the list.",
    files: { "rules.v4": closedV4("-A INPUT -p tcp -m multiport --dports 80,443«|,43234» -j ACCEPT"), "rules.v6": closedV6("") },
    ...nobody4,
  },
  {
    name: "iptables: a range in multiport",
    mistake: "The range of the monitoring agents begins five ports too early.",
    files: { "rules.v4": closedV4("-A INPUT -p tcp -m multiport --dports 80,443,432«35|30»:43240 -j ACCEPT"), "rules.v6": closedV6("") },
    ...nobody4,
  },
  {
    name: "ip6tables: digits transposed",
    mistake: "43243 for 43234, in the rules for IPv6 alone.",
    files: {
      "rules.v4": openV4("-A INPUT -p tcp -m tcp --dport 43234 -j DROP"),
      "rules.v6": openV6("-A INPUT -p tcp -m tcp --dport 432«34|43» -j DROP"),
    },
    right: [],
    exposes: ["::/0"],
  },
];
