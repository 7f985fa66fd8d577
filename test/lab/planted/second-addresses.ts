/** The server has two addresses of each family, and a rule or a forward knows one of them. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedNft, openNft, openV4, openV6 } from "./texts.ts";

const network = "addresses";
const second4 = everyone.map((who) => `${who} at 198.51.100.11:43234`);
const second6 = everyone.map((who) => `${who} at [2001:db8:100::11]:43234`);

export const secondAddresses: readonly PlantedCase[] = [
  {
    name: "nft: a drop for one address",
    mistake: "The second address was added later, and the drop knows the first alone.",
    files: {
      "nftables.conf": openNft(`ip daddr { 198.51.100.10«, 198.51.100.11|» } tcp dport 43234 drop\nmeta nfproto ipv6 tcp dport 43234 drop`),
    },
    network,
    right: [],
    exposes: second4,
  },
  {
    name: "nft: a drop for one IPv6 address",
    mistake: "Of the second address, the IPv6 one was forgotten.",
    files: {
      "nftables.conf": openNft(`ip daddr { 198.51.100.10, 198.51.100.11 } tcp dport 43234 drop
        ip6 daddr { fe80::/10, 2001:db8:100::10«, 2001:db8:100::11|» } tcp dport 43234 drop`),
    },
    network,
    right: [],
    exposes: second6,
  },
  {
    name: "iptables: a drop for one address",
    mistake: "iptables was run for the first address alone.",
    files: {
      "rules.v4": openV4(
        "-A INPUT -d 198.51.100.10/32 -p tcp -m tcp --dport 43234 -j DROP\n«-A INPUT -d 198.51.100.11/32 -p tcp -m tcp --dport 43234 -j DROP|»",
      ),
      "rules.v6": openV6("-A INPUT -p tcp -m tcp --dport 43234 -j REJECT --reject-with icmp6-adm-prohibited"),
    },
    network,
    right: [],
    exposes: second4,
  },
  {
    name: "nft: an accept without an address",
    mistake: "The port was to be open on the second address alone.",
    files: { "nftables.conf": closedNft("«ip daddr 198.51.100.11 |meta nfproto ipv4 »tcp dport 43234 accept") },
    network,
    right: everyone.map((vantage) => ({ vantage, address: "198.51.100.11" })),
    exposes: everyone.map((who) => `${who} at 198.51.100.10:43234`),
  },
  {
    name: "GatewayPorts yes ignores the bind address",
    mistake: "With `yes` the forward listens on all addresses, whichever the client asks for.",
    ssh: "-R 198.51.100.11:43234:localhost:3389",
    files: { sshd_config: "GatewayPorts «clientspecified|yes»\n" },
    network,
    right: everyone.map((vantage) => ({ vantage, address: "198.51.100.11" })),
    exposes: everyone.flatMap((who) => [
      `${who} at 198.51.100.10:43234`,
      `${who} at [2001:db8:100::10]:43234`,
      `${who} at [2001:db8:100::11]:43234`,
    ]),
  },
  {
    name: "PermitListen of another address",
    mistake: "The forward was to be permitted on the first address alone.",
    ssh: "-R 198.51.100.11:43234:localhost:3389",
    files: { sshd_config: "GatewayPorts clientspecified\nPermitListen 198.51.100.1«0|1»:43234\n" },
    network,
    right: "refused",
    exposes: second4,
  },
  {
    name: "nft: a verdict map without the second address",
    mistake: "An address that the map does not have falls through to the policy.",
    files: {
      "nftables.conf": openNft(`tcp dport 43234 ip daddr vmap { 198.51.100.10 : drop«, 198.51.100.11 : drop|» }
        meta nfproto ipv6 tcp dport 43234 drop`),
    },
    network,
    right: [],
    exposes: second4,
  },
  {
    name: "nft: addresses with their ports",
    mistake: "The element of the second address has the port of the web server.",
    files: {
      "nftables.conf": openNft(`
        ip daddr . tcp dport { 198.51.100.10 . 43234, 198.51.100.11 . «43234|8443» } drop
        ip6 daddr . tcp dport { fe80::/10 . 43234, 2001:db8:100::10 . 43234, 2001:db8:100::11 . 43234 } drop`),
    },
    network,
    right: [],
    exposes: second4,
  },
];
