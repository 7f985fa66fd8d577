/** Cases on which model and lab once differed, or that are easily got wrong; each stays. */
import type { Round } from "./round.ts";

export const regressions: readonly { name: string; round: Round }[] = [
  {
    name: "another service that holds the port answers where the forward does not listen",
    round: {
      config: ["GatewayPorts clientspecified"],
      keys: [""],
      firewall: null,
      taken: { host: "server", address: "0.0.0.0", port: 8081 },
      cases: [
        { account: "tunnel", keyIndex: 0, ssh: "-R :8081:localhost:3389" },
        { account: "tunnel", keyIndex: 0, ssh: "-R 198.51.100.99:22" },
      ],
    },
  },
  {
    name: "AddressFamily inet: a mapped IPv6 address is the IPv4 address in it, and is bound",
    round: {
      config: ["AddressFamily inet", "GatewayPorts clientspecified"],
      keys: [""],
      firewall: null,
      taken: null,
      cases: [
        { account: "tunnel", keyIndex: 0, ssh: "-R [::ffff:127.0.0.1]:43234" },
        { account: "tunnel", keyIndex: 0, ssh: "-R ip6-localhost:43234:localhost:3389" },
      ],
    },
  },
  {
    name: "AddressFamily any: a mapped address cannot be bound by a socket that is IPv6 only",
    round: {
      config: ["GatewayPorts clientspecified"],
      keys: [""],
      firewall: null,
      taken: null,
      cases: [
        { account: "tunnel", keyIndex: 0, ssh: "-R [::ffff:127.0.0.1]:43234:localhost:3389" },
        { account: "tunnel", keyIndex: 0, ssh: "-4 -L [::ffff:127.0.0.1]:43234:localhost:3389" },
      ],
    },
  },
  {
    name: "DisableForwarding and no-port-forwarding both refuse: the setting is named, not the key",
    round: {
      config: ["DisableForwarding yes"],
      keys: ["no-port-forwarding"],
      firewall: null,
      taken: null,
      cases: [{ account: "tunnel", keyIndex: 0, ssh: "-R 43234:localhost:3389" }],
    },
  },
  {
    name: "of two masks the last counts, up to OpenSSH 10.5; what refuses sockets, and what lets one pass",
    round: {
      config: [
        "StreamLocalBindMask 0111",
        "StreamLocalBindMask 0000",
        "PermitOpen [/run/y.sock]:*",
        "Match User root",
        "    AllowTcpForwarding local",
      ],
      keys: ["", 'permitlisten="8080"', "restrict"],
      firewall: null,
      taken: null,
      cases: [
        { account: "tunnel", keyIndex: 1, ssh: "-R /tmp/x.sock:localhost:3389" },
        { account: "root", keyIndex: 0, ssh: "-R /tmp/x.sock:/run/y.sock" },
        { account: "root", keyIndex: 0, ssh: "-L /tmp/x.sock:/run/y.sock" },
        { account: "tunnel", keyIndex: 2, ssh: "-L 43234:/run/y.sock" },
        { account: "tunnel", keyIndex: 0, ssh: "-o StreamLocalBindMask=0111 -D /tmp/x.sock" },
      ],
    },
  },
  {
    name: "rules with memory meet the first visitor",
    round: {
      config: ["GatewayPorts clientspecified"],
      keys: [""],
      firewall: {
        rules: [
          { port: 22, action: "accept" },
          { family: 4, limit: { of: "connections", count: 3, over: true, bySource: true }, action: "drop" },
          { source: "198.51.100.0/24", limit: { of: "connections", count: 0, over: true }, action: "reject" },
          { port: 43234, limit: { of: "quota", bytes: 1_000_000 }, action: "accept" },
          { limit: { of: "rate", packets: 3, per: "hour", over: true }, action: "accept" },
        ],
        default: "drop",
      },
      taken: null,
      cases: [{ account: "tunnel", keyIndex: 0, ssh: "-R :43234:localhost:3389" }],
    },
  },
  {
    name: "a port that leads to the forward, and one that leads away from it",
    round: {
      config: ["GatewayPorts clientspecified"],
      keys: [""],
      firewall: {
        redirections: [
          { source: "203.0.113.0/24", port: 443, to: { port: 43234 } },
          { family: 6, port: 43234, to: { address: "2001:db8:100::10", port: 2222 } },
        ],
        rules: [],
        default: "accept",
      },
      taken: null,
      cases: [{ account: "tunnel", keyIndex: 0, ssh: "-R :43234:localhost:3389" }],
    },
  },
  {
    name: "sshd's dial is stopped in the family that it tries first: a reject makes it go on, a drop does not",
    round: {
      config: [],
      keys: [""],
      firewall: {
        rules: [],
        default: "accept",
        output: [
          { family: 6, port: 3389, account: "tunnel", action: "reject" },
          { family: 6, port: 3389, account: "root", action: "drop" },
        ],
      },
      taken: null,
      cases: [
        { account: "tunnel", keyIndex: 0, ssh: "-L 43234:localhost:3389" },
        { account: "root", keyIndex: 0, ssh: "-L 43234:localhost:3389" },
      ],
    },
  },
  {
    name: "each address of localhost has a quota of its own",
    round: {
      config: [],
      keys: [""],
      firewall: {
        rules: [],
        default: "accept",
        output: [{ port: 3389, limit: { of: "quota", bytes: 70, over: true, bySource: true }, action: "reject" }],
      },
      writing: 14,
      taken: null,
      cases: [{ account: "tunnel", keyIndex: 0, ssh: "-L localhost:43234:localhost:3389" }],
    },
  },
  {
    name: "iptables counts each family on its own",
    round: {
      config: [],
      keys: [""],
      firewall: {
        rules: [],
        default: "accept",
        output: [{ port: 3389, limit: { of: "quota", bytes: 70, over: true }, action: "reject" }],
      },
      writing: 3,
      taken: null,
      cases: [{ account: "tunnel", keyIndex: 0, ssh: "-L localhost:43234:localhost:3389" }],
    },
  },
];
