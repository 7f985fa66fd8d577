/** Each warning, with every way of putting it; the compiler holds the list complete. */
import { type Warning, type WarningCode, type WarningParams, warning } from "../../../harness/core/warning.ts";

type Samples = { readonly [Code in WarningCode]: readonly WarningParams<Code>[] };

const paths = ["/etc/p1", "/etc/p2"];

const samples: Samples = {
  "sshd-include-algorithms": [{ pattern: "/etc/c/*" }],
  "sshd-include-matches-nothing": [{ pattern: "/etc/c/*", config: "etc/ssh" }],
  "sshd-config-empty": [{}],
  "sshd-file-not-read": [{}],
  "distribution-keyword": [{ keyword: "UsePAMx", distribution: "Devuan" }],
  "listen-address-missing": [{ address: "192.0.2.1" }],
  "logins-stay-in-cgroup": [{ group: "/G1", accounts: ["a1", "a2"] }],
  "sshd-said": [{ message: "M1: M2" }],
  "match-unknown": [
    { match: "Match Host h1", why: "no-dns" },
    { match: "Match Host h1", why: "no-names" },
    { match: "Match Version v1", why: "version" },
  ],
  "match-untested": [{ match: "Match User u1" }],
  "no-sshd-options": [{ variables: ["V1", "V2"] }],
  "command-not-run": [
    { setting: "AuthorizedKeysCommand /c", account: "acc1", prints: "keys", key: "authorized_keys" },
    { setting: "AuthorizedPrincipalsCommand /c", account: "acc1", prints: "principals", key: "authorized_principals" },
  ],
  "none-taken-for-file": [{ account: "acc1" }],
  "login-line-ignored": [
    { why: "byte-order-mark" },
    { why: "open-quote" },
    { why: "no-key" },
    { why: "certificate" },
    { why: "unknown-option", option: "opt1" },
    { why: "bad-option", option: "opt1" },
  ],
  "key-repeated": [
    { first: "f1:91", others: 0 },
    { first: "f1:91", others: 7 },
  ],
  "principal-not-usable": [{ why: "carriage-return" }, { why: "no-name" }],
  "principal-repeated": [{ principal: "pr1", first: 91 }],
  "principals-not-read": [
    { account: "acc1", lacks: "AuthorizedPrincipalsFile" },
    { account: "acc1", lacks: "TrustedUserCAKeys" },
  ],
  "principals-not-given": [{ account: "acc1", paths }],
  "principals-missing": [{ account: "acc1", paths }],
  "keys-missing": [
    { account: "acc1", paths, by: "key" },
    { account: "acc1", paths, by: "certificate" },
  ],
  "logins-untested": [
    { account: "acc1", name: "laptop", others: 0 },
    { account: "acc1", name: "", others: 92 },
  ],
  "password-without-options": [{ account: "acc1", setting: "PasswordAuthentication yes" }],
  "jump-by-first-key": [{ server: "srv1", account: "acc1", keys: 93, first: "keys:1" }],
  "client-canonical-name": [{ host: "web", name: "web.example.org" }],
  "client-include-not-read": [{ pattern: "~/other/*" }],
  "client-match-undecided": [{}],
  "autossh-left-out": [{ entry: "fw1", send: 20_000, receive: 20_001 }],
  "unit-variable-unset": [{ variable: "V1" }, { variable: "V1:localhost:$V2" }],
  "unit-forks": [{ program: "autossh" }],
  "unit-does-not-fork": [{ program: "autossh" }],
  "unit-not-restarted": [{}, { restart: "on-abort" }],
  "unit-keeps-failed-forward": [{}],
  "unit-misses-silence": [{}],
  "unit-autossh-gate-time": [{}],
  "unit-other-account": [{ runsAs: "u1", account: "u2" }],
  "unit-start-limit": [{ burst: 5, interval: 95, pause: 0.7 }],
  "same-listener": [
    { forwards: ["fw1", "fw2"], host: "host1", port: 8091 },
    { forwards: ["fw1", "fw2"], host: "host1", path: "/run/s" },
  ],
  "nft-include-folder": [{ pattern: "n.d/", files: "n.d/*.nft" }],
  "nft-include-matches-nothing": [{ pattern: "n.d/*" }],
  "nft-include-twice": [{ pattern: "n.d/*", folder: "/etc" }],
  "no-chain": [{}],
  "legacy-tables": [{}],
  "one-family-only": [
    { filtered: 4, open: 6 },
    { filtered: 6, open: 4 },
  ],
  "ufw-not-enabled": [{}],
  "ufw-script-not-run": [{}],
  "ufw-sysctls-not-set": [{ settings: ["net.k1: 94", "net.k2: 95"] }],
  "firewalld-no-conf": [{}],
  "firewalld-said": [{ message: "M1: M2" }],
  "firewalld-zone-unbound": [{ zone: "zone1" }],
  "firewalld-forwards": [{ key: "net.k1" }],
  "bridge-table": [{ rule: "bridge f input tcp dport 2222 drop" }],
  "firewalld-bridge-rules": [{}],
  "group-without-members": [{ direction: "in" }, { direction: "out" }],
  "foreign-interface": [
    { rule: "iifname wg1", names: ["wg1"], matches: "never" },
    { rule: "iifname != wg1", names: ["wg1"], matches: "always" },
    { rule: "iifname { wg1, eth0 }", names: ["wg1"], matches: "others" },
  ],
  "foreign-interfaces": [
    { names: ["wg1", "wg2"], rules: 97, always: ["f.nft:81"], never: ["f.nft:82", "83"], others: ["f.nft:84"] },
    { names: ["wg1"], rules: 97, always: [], never: ["f.nft:82", "83"], others: [] },
  ],
  "rule-unsettled": [
    { rule: "numgen random", on: "chance" },
    { rule: "meta hour", on: "clock" },
    { rule: "queue", on: "program" },
  ],
  "sources-not-probed": [
    { rule: "ip saddr 1.2.3.4 accept", others: 0, prefixes: ["1.2.3.4"], more: 0 },
    { rule: "ip saddr @s accept", others: 92, prefixes: ["1.2.3.4", "5.0.0.0/8"], more: 91 },
  ],
  "sources-elsewhere": [
    { rule: "ip saddr 10.1.2.3 accept", others: 0, prefixes: ["10.1.2.3"], more: 0 },
    { rule: "ip saddr @s accept", others: 92, prefixes: ["10.0.0.0/9", "172.16.0.0/12"], more: 91 },
  ],
  "foreign-address": [{ rule: "ip daddr 192.0.2.7 accept", addresses: ["192.0.2.7", "192.0.2.8"] }],
  "interface-assumed": [
    { rule: "r1", interfaces: ["wg9"] },
    { rule: "r1", interfaces: ["wg8", "wg9"] },
  ],
  "interface-not-probed": [{ rule: "r1", interfaces: ["wg9"] }],
  "identity-not-probed": [
    { rule: "ip saddr @clients accept", by: "listed" },
    { rule: "ip saddr & 0.0.0.255 == 0.0.0.7 accept", by: "address-bits" },
    { rule: "ether saddr 02:00:00:00:00:01 accept", by: "hardware-address" },
    { rule: "meta ipsec exists accept", by: "ipsec" },
    { rule: "meta iifgroup 3 accept", by: "interfaces" },
    { rule: "meta mark 7 accept", by: "mark" },
    { rule: "meta mark 7 accept", by: "mark", others: ["7"] },
    { rule: "meta mark 7 accept", by: "mark", others: ["7", "9"] },
  ],
  "led-away": [
    { rule: "tcp dport 43234 redirect to :3128", forwards: ["fw1"] },
    { rule: "tcp dport 43234 redirect to :3128", forwards: ["fw1", "fw2"] },
  ],
  "slow-dial": [
    { forward: "fw1", dialler: "sshd", rule: "ip6 daddr 2001:db8::/32 drop" },
    { forward: "fw1", dialler: "ssh" },
  ],
  "unused-connection": [
    { setting: "UnusedConnectionTimeout 1", seconds: 1, forwards: ["fw1"] },
    { setting: "UnusedConnectionTimeout 5400", seconds: 5400, forwards: ["fw1", "fw2"] },
  ],
  "idle-jump": [{ setting: "ChannelTimeout direct-tcpip=5m", seconds: 300, hop: "bastion", forwards: ["fw1", "fw2"] }],
  "idle-visitor": [{ setting: "ChannelTimeout forwarded-tcpip=5m", seconds: 300, forwards: ["fw1", "fw2"] }],
  "waiver-covers-nothing": [{ id: "W1", forward: "fw1", vantage: "internet" }],
  "accounts-not-listed": [
    { accounts: ["acc1"], elsewhere: [] },
    { accounts: ["acc2", "acc3"], elsewhere: ["sss"] },
  ],
  "accounts-nobody-has": [{ accounts: ["acc1"] }, { accounts: ["acc2", "acc3"] }],
  "accounts-elsewhere": [{ sources: ["sss", "nis"] }],
  "accounts-not-read": [{ folder: "site/etc" }],
  "locks-unknown": [{}],
  "firewalls-not-read": [{ paths: ["etc/fw1"] }, { paths: ["etc/fw1", "etc/fw2"] }],
  "accounts-alike": [
    { account: "acc1", accounts: ["acc2", "acc3"], more: 0 },
    { account: "anybody", accounts: ["acc2", "acc3"], more: 27 },
  ],
  "groups-assumed": [
    { accounts: ["acc1"], group: "grp1" },
    { accounts: ["acc2", "acc3"], group: "grp1" },
  ],
  "target-address-assumed": [{ name: "db.internal", address: "198.18.0.1" }],
  "accounts-not-reviewed": [{ accounts: ["acc1"] }, { accounts: ["acc2", "acc3"] }],
  "only-first-reviewed": [{ others: ["inner", "web"] }],
  "remedies-left-out": [{}],
};

export const everyWarning: readonly Warning[] = (Object.keys(samples) as WarningCode[]).flatMap((code) =>
  samples[code].map((params) => warning(code, params, { file: "site/file", line: 7 }) as Warning),
);
