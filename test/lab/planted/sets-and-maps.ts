/** Named sets, maps, verdict maps, concatenations, and iptables with ipsets. The office is 203.0.113.48/28 and 2001:db8:50::/64. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedNft, closedV4, closedV6 } from "./texts.ts";

const office6 = "ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept";
const partners = { right: ["other-lan"], exposes: ["45.13.7.0/24"] } as const;
const sets = `
table inet filter {
  set office { type ipv4_addr; flags interval; elements = { 203.0.113.48/28 }; }
  set partners { type ipv4_addr; flags interval; elements = { 203.0.113.48/28, 45.13.7.0/24 }; }
}`;
const ipsets = (rule: string) => ({
  network: "ipsets" as const,
  files: { "rules.v4": closedV4(rule), "rules.v6": closedV6("-A INPUT -s 2001:db8:50::/64 -p tcp -m tcp --dport 43234 -j ACCEPT") },
});

export const setsAndMaps: readonly PlantedCase[] = [
  {
    name: "nft: the wrong set",
    mistake: "The rule names the set of the partners, who may use the web server.",
    files: {
      "nftables.conf": closedNft(
        `ip saddr @«office|partners» tcp dport 43234 accept\nip saddr @partners tcp dport 8443 accept\n${office6}`,
        sets,
      ),
    },
    ...partners,
  },
  {
    name: "nft: a verdict map of ports",
    mistake: "The verdict of the forward's port is accept.",
    files: { "nftables.conf": closedNft("tcp dport vmap { 80 : accept, 443 : accept, 43234 : «drop|accept» }") },
    right: [],
    exposes: everyone,
  },
  {
    name: "nft: a verdict map of sources",
    mistake: "The partners are still in the map.",
    files: {
      "nftables.conf": closedNft(`tcp dport 43234 ip saddr vmap { 203.0.113.48/28 : accept«|, 45.13.7.0/24 : accept» }\n${office6}`),
    },
    ...partners,
  },
  {
    name: "nft: a map to chains",
    mistake: "The partners are sent through the chain of the office.",
    files: {
      "nftables.conf": closedNft(
        `ip saddr vmap @zones\n${office6}`,
        `
table inet filter {
  map zones {
    type ipv4_addr : verdict
    flags interval
    elements = { 203.0.113.48/28 : jump from_office, 45.13.7.0/24 : jump from_«partners|office» }
  }
  chain from_office {
    tcp dport { 443, 43234 } accept
  }
  chain from_partners {
    tcp dport 443 accept
  }
}`,
      ),
    },
    ...partners,
  },
  {
    name: "nft: sources with their ports",
    mistake: "The element of the partners has the port of the desktop.",
    files: {
      "nftables.conf": closedNft(
        `ip saddr . tcp dport @allowed accept\n${office6}`,
        `
table inet filter {
  set allowed {
    type ipv4_addr . inet_service
    flags interval
    elements = { 203.0.113.48/28 . 43234, 45.13.7.0/24 . «8443|43234» }
  }
}`,
      ),
    },
    ...partners,
  },
  {
    name: "nft: a map to marks",
    mistake: "The partners get the mark of the office.",
    files: {
      "nftables.conf": closedNft(`meta mark set ip saddr map { 203.0.113.48/28 : 0x1, 45.13.7.0/24 : «0x2|0x1» }
        meta mark 0x1 tcp dport 43234 accept
        meta mark 0x2 tcp dport 8443 accept
        ${office6}`),
    },
    ...partners,
  },
  {
    name: "nft: an element added below",
    mistake: "A line at the end of the file adds what was taken out of the set above.",
    files: {
      "nftables.conf": `${closedNft(`ip saddr @office tcp dport 43234 accept\n${office6}`, sets)}add element inet filter «partners|office» { 45.13.8.1 }\n`,
    },
    right: ["other-lan"],
    exposes: ["45.13.8.1/32"],
  },
  {
    name: "nft: an element that is no exception",
    mistake: "The set of those who are blocked lacks an address of the partners, and all of the others are let in.",
    files: {
      "nftables.conf": closedNft(`ip saddr { 45.13.7.0/25«, 45.13.7.128/25|, 45.13.7.128/26» } drop
        ip saddr { 203.0.113.48/28, 45.13.7.0/24 } tcp dport 43234 accept
        ${office6}`),
    },
    right: ["other-lan"],
    exposes: ["45.13.7.192/26"],
  },
  {
    name: "ipset: the wrong set",
    mistake: "The rule names the set of the partners.",
    ...ipsets("-A INPUT -p tcp -m set --match-set «office|partners» src -m tcp --dport 43234 -j ACCEPT"),
    ...partners,
  },
  {
    name: "ipset: sources with their ports",
    mistake: "In the set of the tunnels the partners have the port of the desktop.",
    ...ipsets("-A INPUT -p tcp -m set --match-set «web|tunnels» src,dst -j ACCEPT"),
    ...partners,
  },
  {
    name: "ipset: a negated set",
    mistake: "The drop exempts the partners, too.",
    ...ipsets(`-A INPUT -p tcp -m tcp --dport 43234 -m set ! --match-set «office|partners» src -j DROP
      -A INPUT -p tcp -m tcp --dport 43234 -j ACCEPT`),
    ...partners,
  },
];
