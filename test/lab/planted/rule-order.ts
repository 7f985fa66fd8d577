/** Rules that are right each and stand in the wrong order, or in the wrong place. */
import type { PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6, openNft, openV4, openV6 } from "./texts.ts";

/** The office is 203.0.113.48/28 and 2001:db8:50::/64; the other half of its /27 is for guests. */
const office = { right: ["other-lan"], exposes: ["campus", "home-lan", "internet"] } as const;
const guests = { right: ["other-lan"], exposes: ["203.0.113.32/28"] } as const;
const office6 = "ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept";

export const ruleOrder: readonly PlantedCase[] = [
  {
    name: "nft: accept before drop",
    mistake: "The exception for guests stands below the rule that it is an exception from.",
    files: {
      "nftables.conf": closedNft(`
        «ip saddr 203.0.113.32/28 drop
        |»ip saddr 203.0.113.32/27 tcp dport 43234 accept
        «|ip saddr 203.0.113.32/28 drop
        »${office6}`),
    },
    ...guests,
  },
  {
    name: "iptables: accept before drop",
    mistake: "The drop was appended with -A, and should have been inserted with -I.",
    files: {
      "rules.v4": closedV4(`
        «-A INPUT -s 203.0.113.32/28 -j DROP
        |»-A INPUT -s 203.0.113.32/27 -p tcp -m tcp --dport 43234 -j ACCEPT
        «|-A INPUT -s 203.0.113.32/28 -j DROP
        »-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT`),
      "rules.v6": closedV6("-A INPUT -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j ACCEPT"),
    },
    ...guests,
  },
  {
    name: "nft: new among the established",
    mistake: "`new` in the first rule lets every connection in before any other rule is asked.",
    files: {
      "nftables.conf": closedNft(`ip saddr 203.0.113.48/28 tcp dport 43234 accept\n${office6}`).replace(
        "ct state established",
        "ct state «|new,»established",
      ),
    },
    ...office,
  },
  {
    name: "iptables: NEW among the established",
    mistake: "NEW in the first rule lets every connection in before any other rule is asked.",
    files: {
      "rules.v4": closedV4("-A INPUT -p tcp -m tcp --dport 43234 -j DROP").replace("--ctstate ", "--ctstate «|NEW,»"),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: ["0.0.0.0/0"],
  },
  {
    name: "nft: return for drop",
    mistake: "`return` leads strangers back to the chain that called, and its policy is accept.",
    files: {
      "nftables.conf": openNft(
        "tcp dport 43234 jump tunnels",
        `
table inet filter {
  chain tunnels {
    ip6 saddr 2001:db8:50::/64 accept
    ip saddr != 203.0.113.48/28 «drop|return»
    ip saddr 203.0.113.48/28 accept
    drop
  }
}`,
      ),
    },
    right: ["other-lan"],
    exposes: ["0.0.0.0/0"],
  },
  {
    name: "nft: goto for jump",
    mistake: "After `goto` the end of the chain leads past the drop that follows the call.",
    files: {
      "nftables.conf": openNft(
        "tcp dport 43234 «jump|goto» tunnels\ntcp dport 43234 drop",
        `
table inet filter {
  chain tunnels {
    ip saddr 203.0.113.48/28 accept
    ip6 saddr 2001:db8:50::/64 accept
  }
}`,
      ),
    },
    ...office,
  },
  {
    name: "iptables: a chain that nothing leads to",
    mistake: "The chain that blocks strangers was written, and no rule jumps to it.",
    files: {
      "rules.v4": openV4(`
        :TUNNELS - [0:0]
        «-A INPUT -p tcp -m tcp --dport 43234 -j TUNNELS|-A INPUT -p tcp -m tcp --dport 43243 -j TUNNELS»
        -A TUNNELS -s 203.0.113.48/28 -j RETURN
        -A TUNNELS -j DROP`),
      "rules.v6": openV6("-A INPUT ! -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j DROP"),
    },
    right: ["other-lan"],
    exposes: ["0.0.0.0/0"],
  },
  {
    name: "iptables: high ports before the drop",
    mistake: "The rule for passive FTP stands before the one that protects the forward.",
    files: {
      "rules.v4": closedV4(`
        «-A INPUT -p tcp -m tcp --dport 43234 -j REJECT --reject-with tcp-reset
        |»-A INPUT -p tcp -m tcp --dport 40000:50000 -m comment --comment "passive ftp" -j ACCEPT
        «|-A INPUT -p tcp -m tcp --dport 43234 -j REJECT --reject-with tcp-reset»`),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: ["0.0.0.0/0"],
  },
  {
    name: "nft: the hook of a second table",
    mistake: "The guard hangs at `forward`, which packets to the server itself never pass.",
    files: {
      "nftables.conf": openNft(
        "tcp dport 8080 drop",
        `
table inet guard {
  chain strangers {
    type filter hook «input|forward» priority -5; policy accept;
    ip saddr != 203.0.113.48/28 tcp dport 43234 drop
    ip6 saddr != 2001:db8:50::/64 tcp dport 43234 drop
  }
}`,
      ),
    },
    ...office,
  },
  {
    name: "nft: a mark that comes too late",
    mistake: "The chain that marks strangers runs after the one that drops what is marked.",
    files: {
      "nftables.conf": `table inet classify {
  chain mark-strangers {
    type filter hook input priority «-10|10»; policy accept;
    ip saddr != 203.0.113.48/28 tcp dport 43234 meta mark set 0x2a
    ip6 saddr != 2001:db8:50::/64 tcp dport 43234 meta mark set 0x2a
  }
}
table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    meta mark 0x2a drop
  }
}
`,
    },
    ...office,
  },
  {
    name: "nft: accept in one table is not accept in all",
    mistake: "The administrator relied on the drop of the second table, and took its policy away.",
    files: {
      "nftables.conf": `table inet early {
  chain input {
    type filter hook input priority filter - 1; policy accept;
    tcp dport 43234 accept comment "decided in table late"
  }
}
table inet late {
  chain input {
    type filter hook input priority filter; policy «drop|accept»;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.48/28 tcp dport 43234 accept
    ${office6}
  }
}
`,
    },
    ...office,
  },
  {
    name: "iptables: raw is no place for an accept",
    mistake: "The accept stands in the filter table, and in raw it would have done no harm.",
    files: {
      "rules.v4": closedV4(
        "«|-A INPUT -p tcp -m tcp --dport 43234 -j ACCEPT»",
        `*raw
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        -A PREROUTING -p tcp -m tcp --dport 43234 -j ACCEPT
        COMMIT`,
      ),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: ["0.0.0.0/0"],
  },
];
