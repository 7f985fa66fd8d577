/** Rules for IPv4 alone. sshd listens on both families. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6, openNft, openV4, openV6 } from "./texts.ts";

const office4 = "-A INPUT -s 203.0.113.48/28 -p tcp -m tcp --dport 43234 -j ACCEPT";
const officeAlone = { right: [{ vantage: "other-lan", family: 4 }], exposes: ["::/0"] } as const;

export const ipv6Forgotten: readonly PlantedCase[] = [
  {
    name: "no rules.v6",
    mistake: "iptables-persistent was installed, and ip6tables never saved.",
    files: { "rules.v4": closedV4(office4), "rules.v6": `«${closedV6("")}|»` },
    ...officeAlone,
  },
  {
    name: "table ip for table inet",
    mistake: "A table of the family ip sees no packet of IPv6.",
    files: {
      "nftables.conf": closedNft("ip saddr 203.0.113.48/28 tcp dport 43234 accept").replace("table inet filter", "table «inet|ip» filter"),
    },
    ...officeAlone,
  },
  {
    name: "policy accept of ip6",
    mistake: "The policy of the IPv6 chain was opened to test something.",
    files: {
      "nftables.conf": `table ip filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    tcp dport { 22, 80, 443 } accept
    ip saddr 203.0.113.48/28 tcp dport 43234 accept
  }
}
table ip6 filter {
  chain input {
    type filter hook input priority 0; policy «drop|accept»;
    iifname "lo" accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, echo-request } accept
    tcp dport { 22, 80, 443 } accept
  }
}
`,
    },
    ...officeAlone,
  },
  {
    name: ":INPUT ACCEPT in rules.v6",
    mistake: "ip6tables-save was run before the policy was set.",
    files: { "rules.v4": closedV4(office4), "rules.v6": closedV6("").replace(":INPUT DROP", ":INPUT «DROP|ACCEPT»") },
    ...officeAlone,
  },
  {
    name: "no drop in rules.v6",
    mistake: "The rule that keeps strangers out was added with iptables, and not with ip6tables.",
    files: {
      "rules.v4": openV4("-A INPUT ! -s 203.0.113.48/28 -p tcp -m tcp --dport 43234 -j DROP"),
      "rules.v6": openV6("«-A INPUT -p tcp -m tcp --dport 43234 -j DROP|»"),
    },
    ...officeAlone,
  },
  {
    name: "strangers by their IPv4 address",
    mistake: "`ip saddr !=` matches packets of IPv4 alone, and the line for IPv6 is missing.",
    files: {
      "nftables.conf": openNft(`
        ip saddr != 203.0.113.48/28 tcp dport 43234 drop
        «ip6 saddr != 2001:db8:50::/64 tcp dport 43234 drop|»`),
    },
    right: ["other-lan"],
    exposes: ["::/0"],
  },
  {
    name: "the last rule names IPv4",
    mistake: "The final drop looks at the protocol in the header of IPv4.",
    files: {
      "nftables.conf": openNft(`
        ip saddr 203.0.113.48/28 tcp dport 43234 accept
        «meta l4proto|ip protocol» tcp tcp dport 43234 drop`),
    },
    ...officeAlone,
  },
  {
    name: "nfproto",
    mistake: "The chain for tunnels lets IPv6 return to the policy.",
    files: {
      "nftables.conf": `table inet fw {
  chain tunnels {
    «|meta nfproto ipv6 return»
    ip saddr 203.0.113.48/28 accept
    reject with icmpx admin-prohibited
  }
  chain input {
    type filter hook input priority filter;
    tcp dport 43234 jump tunnels
  }
}
`,
    },
    ...officeAlone,
  },
  {
    name: "ufw without IPv6",
    mistake: "IPV6=no in /etc/default/ufw: the user's rules are loaded for IPv4, and IPv6 has ufw's chains and no policy.",
    files: {
      "rules.v4": closedV4(`:ufw-user-input - [0:0]
        -A INPUT -j ufw-user-input
        -A ufw-user-input -s 203.0.113.48/28 -p tcp -m tcp --dport 43234 -j ACCEPT`),
      "rules.v6": `*filter
:INPUT «DROP|ACCEPT» [0:0]
:FORWARD «DROP|ACCEPT» [0:0]
:OUTPUT ACCEPT [0:0]
:ufw6-user-input - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -j ufw6-user-input
-A ufw6-user-input -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j ACCEPT
COMMIT
`,
    },
    right: ["other-lan"],
    exposes: ["::/0"],
  },
  {
    name: "early accept of IPv6",
    mistake: "All of IPv6 was let in, for neighbour discovery.",
    files: {
      "nftables.conf": `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    «meta l4proto ipv6-icmp|meta nfproto ipv6» accept
    ct state established,related accept
    tcp dport 22 accept
  }
}
`,
    },
    right: [],
    exposes: everyone,
  },
];
