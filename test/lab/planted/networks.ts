/** Where the servers of the corpus stand: as few networks as their cases can do with, each a lab of its own. */
const vantages = { "other-lan": { behind: "nat", public: "203.0.113.50", stands_for: ["203.0.113.48/28", "2001:db8:50::/64"] } } as const;

export const networks = {
  /** The article's: one interface, one address of each family. other-lan is the company's office. */
  article: { network: { vantages } },
  /** A back-end network on a second interface, with a database in it. */
  backend: {
    network: {
      server: [{ interface: "eth0" }, { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false }],
      vantages: { db: { lan: "eth1", address: ["10.20.0.9/16"] } },
    },
  },
  /** Two addresses of each family on one interface. */
  addresses: {
    network: {
      server: { address: ["198.51.100.10/24", "198.51.100.11/24", "2001:db8:100::10/64", "2001:db8:100::11/64"] },
      vantages,
    },
  },
  /** Linux takes packets for its loopback addresses from outside where it is told so. */
  loopback: { server: { sysctl: { "net.ipv4.conf.all.route_localnet": 1 } } },
  /** A cloud server: its public address is a router's, which publishes two ports. */
  cloud: {
    server: { behind: "nat", public: "203.0.113.140", ports: { 22: 22, 443: 8443 } },
    network: { server: { address: ["172.31.5.10/20"], ipv6: false } },
  },
  /** Two lists and their exceptions, which rules of iptables name. */
  ipsets: { server: { ipsets: "ipsets.save" }, network: { vantages } },
} as const;

export const ipsets = `create office hash:net family inet hashsize 1024 maxelem 65536
add office 203.0.113.48/28
create partners hash:net family inet hashsize 1024 maxelem 65536
add partners 203.0.113.48/28
add partners 45.13.7.0/24
create web hash:net,port family inet hashsize 1024 maxelem 65536
add web 203.0.113.48/28,tcp:43234
add web 45.13.7.0/24,tcp:8443
create tunnels hash:net,port family inet hashsize 1024 maxelem 65536
add tunnels 203.0.113.48/28,tcp:43234
add tunnels 45.13.7.0/24,tcp:43234
`;
