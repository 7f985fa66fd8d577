/** A single address, a prefix or a range that the rules let in besides those that are meant. */
import type { PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6, openNft, openV4 } from "./texts.ts";

const office6 = "ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept";
const nft = (rules: string) => ({ "nftables.conf": closedNft(`${rules}\n${office6}`) });
const dumps = (rules: string) => ({
  "rules.v4": closedV4(rules),
  "rules.v6": closedV6("-A INPUT -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j ACCEPT"),
});
const right = ["other-lan"];

export const forgottenAddresses: readonly PlantedCase[] = [
  {
    name: "nft: a prefix one bit too short",
    mistake: "The office has a /28, and the rule a /27.",
    files: nft("ip saddr 203.0.113.«48/28|32/27» tcp dport 43234 accept"),
    right,
    exposes: ["203.0.113.32/28"],
  },
  {
    name: "nft: an address left in a list",
    mistake: "The address of a consultant who left is still in the list.",
    files: nft("ip saddr { 203.0.113.48/28«|, 91.7.7.7» } tcp dport 43234 accept"),
    right,
    exposes: ["91.7.7.7/32"],
  },
  {
    name: "nft: the end of a range",
    mistake: "The last address of the range is the first of the next network.",
    files: nft("ip saddr 203.0.113.48-203.0.113.«63|64» tcp dport 43234 accept"),
    right,
    exposes: ["203.0.113.64/32"],
  },
  {
    name: "nft: the start of a range",
    mistake: "The first address of the range is the last of the network before.",
    files: nft("tcp dport 43234 ip saddr 203.0.113.«48|47» - 203.0.113.63 accept"),
    right,
    exposes: ["203.0.113.47/32"],
  },
  {
    name: "nft: all but too many",
    mistake: "The negated prefix has all of the provider's customers in it.",
    files: {
      "nftables.conf": openNft(`
        ip saddr != 203.0.113.«48/28|0/24» tcp dport 43234 drop
        ip6 saddr != 2001:db8:50::/64 tcp dport 43234 drop`),
    },
    right,
    exposes: ["203.0.113.0/24", "home-lan"],
  },
  {
    name: "nft: an exception in a negated list",
    mistake: "The monitoring of a former provider is still exempt from the drop.",
    files: {
      "nftables.conf": openNft(`
        ip saddr != { 203.0.113.48/28«|, 45.13.7.9» } tcp dport 43234 drop
        ip6 saddr != 2001:db8:50::/64 tcp dport 43234 drop`),
    },
    right,
    exposes: ["45.13.7.9/32"],
  },
  {
    name: "nft: IPv6, a prefix four bits too short",
    mistake: "The office has a /64, and the rule lets in the /60 around it.",
    files: {
      "nftables.conf": closedNft("ip saddr 203.0.113.48/28 tcp dport 43234 accept\nip6 saddr 2001:db8:50::/«64|60» tcp dport 43234 accept"),
    },
    right,
    exposes: ["2001:db8:50::/60"],
  },
  {
    name: "nft: IPv6, one host",
    mistake: "A single address of a cloud server was let in to try something.",
    files: {
      "nftables.conf": closedNft(
        "ip saddr 203.0.113.48/28 tcp dport 43234 accept\nip6 saddr { 2001:db8:50::/64«|, 2a01:4f8:1:2::5» } tcp dport 43234 accept",
      ),
    },
    right,
    exposes: ["2a01:4f8:1:2::5/128"],
  },
  {
    name: "nft: a neighbour",
    mistake: "The address of the old server on the same LAN, which somebody else has now.",
    files: nft("ip saddr 203.0.113.48/28 tcp dport 43234 accept\nip saddr 198.51.100.«10|77» tcp dport 43234 accept"),
    right,
    exposes: ["198.51.100.77/32"],
  },
  {
    name: "nft: a define",
    mistake: "The variable of the administrators has a leftover in it.",
    files: {
      "nftables.conf": closedNft(
        `ip saddr $office tcp dport 43234 accept\n${office6}`,
        "define admins = { 203.0.113.56/29«|, 91.7.7.0/29» }\ndefine office = { 203.0.113.48/29, $admins }",
      ),
    },
    right,
    exposes: ["91.7.7.0/29"],
  },
  {
    name: "nft: comparisons",
    mistake: "The upper bound is the last address of the next network.",
    files: nft("ip saddr >= 203.0.113.48 ip saddr <= 203.0.113.«63|79» tcp dport 43234 accept"),
    right,
    exposes: ["203.0.113.64/28"],
  },
  {
    name: "nft: a range of variables",
    mistake: "The variable of the last address has the one of the network before the move.",
    files: {
      "nftables.conf": closedNft(
        `ip saddr $first - $last tcp dport 43234 accept\n${office6}`,
        "define first = 203.0.113.48\ndefine last = 203.0.113.«63|95»",
      ),
    },
    right,
    exposes: ["203.0.113.64/27"],
  },
  {
    name: "iptables: an old rule",
    mistake: "The rule of a remote support session was never removed.",
    files: dumps(`-A INPUT -s 203.0.113.48/28 -p tcp -m tcp --dport 43234 -j ACCEPT
      «|-A INPUT -s 91.7.7.7/32 -p tcp -m tcp --dport 43234 -m comment --comment "support, until friday" -j ACCEPT»`),
    right,
    exposes: ["91.7.7.7/32"],
  },
  {
    name: "iptables: the end of a range",
    mistake: "The range ends with 79, where the office's ends with 63.",
    files: dumps("-A INPUT -p tcp -m iprange --src-range 203.0.113.48-203.0.113.«63|79» -m tcp --dport 43234 -j ACCEPT"),
    right,
    exposes: ["203.0.113.64/28"],
  },
  {
    name: "iptables: a netmask",
    mistake: "255.255.255.224 is a /27, and the office has a /28.",
    files: dumps("-A INPUT -s 203.0.113.48/255.255.255.«240|224» -p tcp -m tcp --dport 43234 -j ACCEPT"),
    right,
    exposes: ["203.0.113.32/28"],
  },
  {
    name: "iptables: two sources in one rule",
    mistake: "The second network of the list is no longer the company's.",
    files: dumps("-A INPUT -s 203.0.113.48/28«|,198.18.0.0/15» -p tcp -m tcp --dport 43234 -j ACCEPT"),
    right,
    exposes: ["198.18.0.0/15"],
  },
  {
    name: "iptables: a negated prefix",
    mistake: "! -s with a prefix that has more in it than the office.",
    files: {
      "rules.v4": openV4("-A INPUT ! -s 203.0.113.«48/28|48/27» -p tcp -m tcp --dport 43234 -j DROP"),
      "rules.v6": closedV6("-A INPUT -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j ACCEPT"),
    },
    right,
    exposes: ["203.0.113.32/28"],
  },
];
