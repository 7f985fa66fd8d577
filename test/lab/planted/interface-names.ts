/** Interfaces by name. eth0 faces the internet; the database stands behind eth1. */
import type { PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6, openNft, openV4, openV6 } from "./texts.ts";

/** The database reaches the server's other address over the router. */
const overRouter = `ip saddr 10.20.0.0/16 tcp dport 43234 accept comment "database"`;
const overRouter4 = "-A INPUT -s 10.20.0.0/16 -p tcp -m tcp --dport 43234 -m comment --comment database -j ACCEPT";

const backend = { network: "backend", right: ["db"], exposes: ["campus", "home-lan", "other-lan", "internet"] } as const;
const backend4 = { ...backend, exposes: ["0.0.0.0/0"] } as const;
const nobody = { ...backend, right: [], exposes: [...backend.exposes, "db"] } as const;

export const interfaceNames: readonly PlantedCase[] = [
  {
    name: "nft: one interface too many",
    mistake: "The list of internal interfaces has the one to the internet in it.",
    files: { "nftables.conf": closedNft(`iifname { "eth1"«|, "eth0"» } tcp dport 43234 accept\n${overRouter}`) },
    ...backend,
  },
  {
    name: "nft: a wildcard",
    mistake: "eth* matches the interface to the internet, too.",
    files: { "nftables.conf": closedNft(`iifname "eth«1|*»" tcp dport 43234 accept\n${overRouter}`) },
    ...backend,
  },
  {
    name: "iptables: a wildcard",
    mistake: "eth+ matches the interface to the internet, too.",
    files: { "rules.v4": closedV4(`-A INPUT -i eth«1|+» -p tcp -m tcp --dport 43234 -j ACCEPT\n${overRouter4}`), "rules.v6": closedV6("") },
    ...backend4,
  },
  {
    name: "iptables: all but the loopback",
    mistake: "`! -i lo` is every interface that there is.",
    files: {
      "rules.v4": closedV4(`-A INPUT «-i eth1|! -i lo» -p tcp -m tcp --dport 43234 -j ACCEPT\n${overRouter4}`),
      "rules.v6": closedV6(""),
    },
    ...backend4,
  },
  {
    name: "nft: all but an interface of old",
    mistake: "The interface to the internet had another name before the upgrade.",
    files: { "nftables.conf": closedNft(`iifname != "«eth0|ens3»" tcp dport 43234 accept\n${overRouter}`) },
    ...backend,
  },
  {
    name: "iptables: a drop on an interface of old",
    mistake: "The interface to the internet had another name before the upgrade, and the drop never matches.",
    files: {
      "rules.v4": openV4(`${overRouter4}\n-A INPUT -i «eth0|ens3» -p tcp -m tcp --dport 43234 -j DROP`),
      "rules.v6": openV6("-A INPUT -p tcp -m tcp --dport 43234 -j DROP"),
    },
    ...backend4,
  },
  {
    name: "nft: a drop on one of two interfaces",
    mistake: "The port was to be closed on both interfaces.",
    files: { "nftables.conf": openNft('iifname { "eth1"«, "eth0"|» } tcp dport 43234 drop') },
    ...nobody,
  },
  {
    name: "firewalld: an interface in the wrong zone",
    mistake: "The interface to the internet was put into the zone `internal`.",
    files: {
      "nftables.conf": `table inet firewalld {
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    ip saddr 10.20.0.0/16 goto filter_IN_internal
    iifname vmap { "eth0" : goto filter_IN_«public|internal», "eth1" : goto filter_IN_internal }
    reject with icmpx admin-prohibited
  }
  chain filter_IN_public {
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    reject with icmpx admin-prohibited
  }
  chain filter_IN_internal {
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { 22, 43234 } accept
    reject with icmpx admin-prohibited
  }
}
`,
    },
    ...backend,
  },
  {
    name: "nft: the back-end address for the back-end interface",
    mistake: "Linux takes packets for any of its addresses on any interface: a neighbour on the other LAN gets in.",
    files: { "nftables.conf": closedNft('«iifname "eth1" |»ip daddr 10.20.0.5 tcp dport 43234 accept') },
    network: "backend",
    right: [{ vantage: "db", address: "10.20.0.5" }],
    exposes: ["campus at 10.20.0.5:43234"],
  },
  {
    name: "a bind address for a firewall",
    mistake: "A forward that is bound to the back-end address is still there for neighbours on the other LAN.",
    ssh: "-R 10.20.0.5:43234:localhost:3389",
    files: { "nftables.conf": openNft('«iifname "eth0" tcp dport 43234 drop|»') },
    network: "backend",
    right: [{ vantage: "db", address: "10.20.0.5" }],
    exposes: ["campus at 10.20.0.5:43234"],
  },
];
