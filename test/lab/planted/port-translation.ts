/** NAT: another port, or another address, that leads to the forward. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6 } from "./texts.ts";

/** As firewalld writes it: what was translated may come in. */
const translated = (nat: string, rules = "") => ({
  "nftables.conf": `table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${nat}
  }
}
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ${rules}
  }
}
`,
});
const at = (target: string, all: readonly string[] = everyone) => all.map((who) => `${who} at ${target}`);

export const portTranslation: readonly PlantedCase[] = [
  {
    name: "nft: redirect to the forward's port",
    mistake: "The redirect was for the web server at 8080.",
    files: translated("tcp dport 8443 redirect to :«8080|43234»"),
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "nft: dnat to the server's own address",
    mistake: "The port of the translation was changed, the address was not.",
    files: translated("ip daddr 198.51.100.10 tcp dport 443 dnat to 198.51.100.10:«8080|43234»"),
    right: [],
    exposes: at("198.51.100.10:443"),
  },
  {
    name: "nft: a map of redirects",
    mistake: "In the map of ports the second leads to the desktop.",
    files: translated("redirect to :tcp dport map { 8080 : 80, 8443 : «443|43234» }"),
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "nft: a map of redirects that packets fill",
    mistake: "Whoever dials 8443 is put into the map with the port of the desktop.",
    files: {
      "nftables.conf": `table ip nat {
  map sticky { type inet_service : inet_service; flags timeout; timeout 1m; }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 8443 update @sticky { tcp dport : «8080|43234» }
    redirect to :tcp dport map @sticky
  }
}
${closedNft("ct status dnat accept")}`.replace("flush ruleset\n", ""),
    },
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "nft: the source of a redirect",
    mistake: "The redirect is for all of the provider's customers.",
    files: translated(
      "ip saddr 203.0.113.«48/28|0/24» tcp dport 443 redirect to :43234",
      "ip saddr 203.0.113.48/28 tcp dport 43234 accept",
    ),
    right: [{ vantage: "other-lan", family: 4 }],
    exposes: at("198.51.100.10:443", ["203.0.113.0/24", "home-lan"]),
  },
  {
    name: "nft: a guard after the translation",
    mistake: "The guard looks for port 8443 when the redirect has already made it 43234.",
    files: {
      "nftables.conf": `table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 8443 redirect to :43234
  }
}
table inet guard {
  chain prerouting {
    type filter hook prerouting priority dstnat «-|+» 10; policy accept;
    tcp dport { 8443, 8444 } drop
  }
}
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    ct status dnat accept
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
  }
}
`,
    },
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "nft: the hook of a redirect",
    mistake: "The redirect was for processes of the server itself.",
    files: {
      "nftables.conf": (translated("tcp dport 8443 redirect to :43234")["nftables.conf"] ?? "")
        .replace("chain prerouting", "chain local")
        .replace("hook prerouting", "hook «output|prerouting»"),
    },
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "iptables: REDIRECT to the forward's port",
    mistake: "--to-ports has the port of the desktop.",
    files: {
      "rules.v4": closedV4(
        "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT",
        `*nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A PREROUTING -p tcp -m tcp --dport 8443 -j REDIRECT --to-ports «8080|43234»
        COMMIT`,
      ),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "iptables: DNAT to a port alone",
    mistake: "The port of the translation is that of the desktop, and the packet keeps its address.",
    files: {
      "rules.v4": closedV4(
        "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT",
        `*nat
        :PREROUTING ACCEPT [0:0]
        -A PREROUTING -p tcp -m tcp --dport 8443 -j DNAT --to-destination :«8080|43234»
        COMMIT`,
      ),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: at("198.51.100.10:8443"),
  },
  {
    name: "iptables: a port opened for a redirect",
    mistake: "The filter sees the port after the translation: opening it opens it for everyone, and not by the redirect alone.",
    files: {
      "rules.v4": closedV4(
        "-A INPUT «-s 203.0.113.48/28 |»-p tcp -m tcp --dport 43234 -j ACCEPT",
        `*nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A PREROUTING -s 203.0.113.48/28 -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 43234
        COMMIT`,
      ),
      "rules.v6": closedV6(""),
    },
    right: [{ vantage: "other-lan", family: 4 }],
    exposes: at("198.51.100.10:43234", ["campus", "home-lan", "internet"]),
  },
  {
    name: "nft: dnat to the loopback",
    mistake: "The translation leads to a forward that listens on the loopback alone.",
    network: "loopback",
    ssh: "-R 43234:localhost:3389",
    files: translated("tcp dport 8443 dnat to 127.0.0.1:«8080|43234»"),
    right: [],
    // A neighbour may dial the loopback address itself.
    exposes: [...at("198.51.100.10:8443"), "campus at 127.0.0.1:8443"],
  },
  {
    name: "iptables: DNAT to the loopback",
    mistake: "The translation leads to a forward that listens on the loopback alone.",
    network: "loopback",
    ssh: "-R 43234:localhost:3389",
    files: {
      "rules.v4": closedV4(
        "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT",
        `*nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A PREROUTING -p tcp -m tcp --dport 443 -j DNAT --to-destination 127.0.0.1:«8080|43234»
        COMMIT`,
      ),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: [...at("198.51.100.10:443"), "campus at 127.0.0.1:443"],
  },
  {
    name: "a cloud server: the port behind the public one",
    mistake: "The router publishes 443 as 8443, and the firewall has 8443 open for the web server of old.",
    network: "cloud",
    ssh: "-R :8443:localhost:3389",
    files: {
      "rules.v4": closedV4("-A INPUT -p tcp -m multiport --dports 80,443«|,8443» -j ACCEPT"),
      "rules.v6": closedV6(""),
    },
    right: [],
    exposes: [
      "internet at 203.0.113.140:443",
      "other-lan at 203.0.113.140:443",
      "home-lan at 203.0.113.140:443",
      "campus at 172.31.5.10:8443",
    ],
  },
  {
    name: "a cloud server: NAT is no source filter",
    mistake: "The router keeps the source address, so that a rule for the subnet does not mean everyone.",
    network: "cloud",
    ssh: "-R :8443:localhost:3389",
    files: {
      "rules.v4": closedV4("-A INPUT -s «172.31.0.0/20|0.0.0.0/0» -p tcp -m tcp --dport 8443 -j ACCEPT"),
      "rules.v6": closedV6(""),
    },
    right: ["campus"],
    exposes: ["internet at 203.0.113.140:443", "other-lan at 203.0.113.140:443", "home-lan at 203.0.113.140:443"],
  },
  {
    name: "a cloud server: GatewayPorts",
    mistake: "The router publishes 443 as 8443, and the forward listens on all addresses.",
    network: "cloud",
    ssh: "-R 8443:localhost:3389",
    files: { sshd_config: "GatewayPorts «no|yes»\n" },
    right: ["server"],
    exposes: [
      "internet at 203.0.113.140:443",
      "other-lan at 203.0.113.140:443",
      "home-lan at 203.0.113.140:443",
      "campus at 172.31.5.10:8443",
    ],
  },
];
