/** Each fault, with every way of putting it; the compiler holds the list complete. */
import {
  type Fault,
  type FaultCode,
  type FaultParams,
  faultOf,
  policyExpected,
  policyForms,
  refusedKeywords,
  refusedOptions,
} from "../../../harness/core/fault.ts";

type Samples = { readonly [Code in FaultCode]: readonly FaultParams<Code>[] };

/** As ssh, sshd and nft say it. */
const said = "bad value of the thing";
const listening = ["192.0.2.7", "::1"];
const file = "site/file";

const samples: Samples = {
  "open-quote": [{}],
  "ssh-option-unknown": [{ letter: "Z" }],
  "ssh-option-needs-argument": [{ letter: "R" }],
  "ssh-refuses": [
    { said },
    { said, form: "forward" },
    { said, form: "dynamic-forward" },
    { said, form: "jump" },
    ...(["too-high", "zero-listener", "zero-target", "no-service"] as const).map((why) => ({ said, port: "p7", why })),
  ],
  "ssh-refuses-option": [
    { option: "K1=v1", said },
    ...(["RemoteForward", "LocalForward", "DynamicForward"] as const).map((form) => ({ option: "K1=v1", said, form })),
    { option: "K1=v1", said, port: "p7", why: "too-high" },
  ],
  "ssh-needs-no-command": [{ said }],
  "path-with-variables": [{ typed: "-R /p1:h:1", path: "/p1" }],
  "path-relative": [{ typed: "-R p/1:h:1", path: "p/1" }],
  "socks-on-a-socket": [{ typed: "-R /p1" }],
  "autossh-ports": [{ send: 7001, receive: 7002, asked: 7003, listener: ":7003" }],
  "option-refused": refusedOptions.map((option) => ({ option })),
  "keyword-refused": refusedKeywords.map((keyword) => ({ keyword, value: "v1" })),
  "no-forward-asked": [{}],
  "several-forwards": [{ count: 7 }],
  "destination-given": [{ destination: "u1@h1" }, { destination: "7001", autossh: true }],
  "command-given": [{}],
  "jump-without-destination": [{}],
  "target-unknown": [{ forward: "f1", host: "h1", known: ["h2", "h3"] }],
  "target-taken": [
    { forward: "f1", host: "h1", port: 7001 },
    { forward: "f1", host: "h1", path: "/p1" },
  ],

  "sshd-refuses": [{ said }],
  "sshd-knows-not": [
    { said, keyword: "K1", distribution: "Devuan" },
    { said, keyword: "K1", since: "9.7" },
  ],
  "sshd-knows-no-algorithm": [{ said, keyword: "K1" }],
  "sshd-does-not-start": [
    { said, addresses: 2 },
    { said, addresses: 2, missing: "192.0.2.1" },
  ],
  "include-not-given": [
    { line: "Include /p1/*", path: "/p1/c1", folder: "/p1" },
    { line: "Include /p1/*", path: "/p1/c1", folder: "/p1", link: "/l1" },
  ],
  "includes-endless": [
    { why: "loop", most: 16 },
    { why: "too-many", most: 1000 },
  ],
  "sshd-address-unroutable": [
    { server: "server", from: "v1", listening, port: 2222 },
    { server: "inner", from: "v1", family: 6, listening, port: 2222 },
  ],
  "sshd-address-none": [
    { server: "server", from: "v1", listening },
    { server: "inner", from: "v1", family: 4, listening },
    { server: "server", from: "v1", listening: ["127.0.0.1"], loopback: "192.0.2.9" },
  ],
  "no-usable-key": [{ account: "acc1", key: "2", keys: 1 }],

  "ssh-exits": [{ said }, {}],
  "ssh-cannot-connect": [
    { address: "192.0.2.7", said },
    { address: "192.0.2.7" },
    { address: "192.0.2.7", said, told: 2222, listening: [22, 2201] },
  ],
  "login-refused": [
    { account: "acc1", server: "192.0.2.7", said, key: "1/2" },
    { account: "acc1", server: "192.0.2.7", said, key: "c1", options: "restrict" },
  ],
  "ssh-ended": [{ account: "acc1", said }, { account: "acc1" }],
  "ssh-timeout": [{ seconds: 7 }],
  "ssh-filtered": [
    { from: "v1", target: "192.0.2.7:22", port: 22, by: "server: drop1" },
    { from: "v1", target: "192.0.2.7:22", port: 22, by: "server: drop1", fresh: true },
  ],
  "ssh-silent": [{ from: "v1", target: "192.0.2.7:22", seconds: 7 }],

  "firewall-load": (["from-iptables", "line-ends", "last-line", "dump-line-ends", "kernel", "nft", "iptables"] as const).map((advice) => ({
    said,
    advice,
  })),
  "firewall-needs": (["account", "host-name", "interface", "set", "cgroup", "extension", "kernel-module"] as const).map((lacks) => ({
    said,
    lacks,
    ...(["set", "extension", "kernel-module"].includes(lacks) ? { name: "n1" } : {}),
  })),
  "firewall-table-missing": [{ file: "rules.v4", table: "filter" }],
  "firewall-hidden-extension": [{ file: "rules.nft", text: "# xt_a1" }],
  "firewall-not-loadable": [
    ...(["nothing", "iptables-commands", "nft-json", "iptables-listing", "unknown"] as const).map((is) => ({ file, is })),
    { file, is: "nothing", second: true },
  ],
  "firewall-fragment": [{ file }, { file, chains: "c1" }, { file, chains: "ufw-c1", ufw: true }],
  "firewall-not-a-dump": [{ file }],
  "firewall-other-family": [
    { file, family: 4, swapped: true, tool: "t1", header: true },
    { file, family: 6, swapped: false, tool: "t1" },
  ],
  "firewall-family-unclear": [{ file }],
  "firewall-include-missing": [{ include: "i1", expected: "site/i1" }],
  "firewall-include-outside": [{ path: "/p1" }],
  "firewall-includes-endless": [
    { why: "loop", most: 16 },
    { why: "too-many", most: 1000 },
  ],
  "firewall-interface": [
    { does: "accepts", port: 7001, name: "eth7", declare: "eth7", has: ["eth0"], key: "network.server" },
    { does: "redirects", port: 7001, from: 7002, name: "eth7", declare: "eth7", has: ["eth0", "eth1"], key: "network.server" },
    { does: "blocks", port: 7001, name: "eth*", declare: "eth0", host: "inner", has: ["eth0"], key: "network.servers.inner" },
  ],
  "firewall-address": [
    { does: "accepts", port: 7001, address: "192.0.2.7", has: ["198.51.100.10/24"], key: "network.server" },
    { does: "accepts", port: 7001, address: "192.0.2.0/28", has: ["198.51.100.10/24"], key: "network.server" },
    {
      does: "redirects",
      port: 7001,
      from: 7002,
      address: "192.0.2.7",
      host: "inner",
      has: ["198.51.100.10/24"],
      key: "network.servers.inner",
    },
  ],
  "firewall-lost": [{}],
  "ufw-not-plain": [{}],
  "ufw-policy": [{ name: "DEFAULT_P1" }],
  "firewalld-no-xml": [{ file }],
  "firewalld-chain": [{ chain: "c1_direct", instead: "c1" }],
  "firewalld-refuses": [{ said }, { said, from: "/p1/s1.xml", to: "s1/" }],
  "firewalld-unloadable": (["direct", "ipsets", "rules"] as const).map((kind) => ({ said, kind })),
  "unit-not-ssh": [
    { program: "p1", shell: false },
    { program: "p2", shell: true },
  ],
  "unit-file-not-given": [
    { path: "/p1", key: "k1.files", optional: false },
    { path: "/p1", key: "k1.files", optional: true },
  ],
  "unit-config-not-given": [{ path: "/p1" }],
  "unit-runs-command": [
    { command: "c1", comment: false },
    { command: "# c1", comment: true },
  ],
  "unit-no-destination": [{}, { unset: "V1" }],
  "unit-no-forward": [{}, { configGiven: false }, { configGiven: true }, { unset: "V1", configGiven: false }],
  "unit-word-unknown": [{ word: "%b" }],
  "unit-user": [
    { value: "u1 # c1", comment: true },
    { value: "u1 u2", comment: false },
  ],
  "unit-setting-ignored": [{ key: "K1" }],
  "unit-commands": [{ unit: "u1.service", count: 7 }],
  "unit-no-program": [{ key: "K1" }],
  "unit-not-a-unit": [
    { file, section: true },
    { file, section: false },
  ],
  "unit-starts-nothing": [{ file }],
  "unit-name": [{ file }],
  "unit-template": [{ file, prefix: "u1" }],
  "unit-file-pattern": [{ path: "/p1/*" }],
  "unit-file-absent": [
    { path: "/p1", folder: true },
    { path: "/p1", folder: false },
  ],
  "unit-not-sshd": [{ file, program: "p1" }, { file }],
  "sshd-option-other": [{ word: "-h1" }, { word: "-f/p1" }],

  "cloud-not-json": [{ file }],
  "cloud-other-file": [{ list: true }, { list: false }],
  "cloud-no-groups": [{ found: "r1, r2" }],
  "cloud-groups-unnamed": [{ count: 7, groups: "sg-1, sg-2" }],
  "cloud-group-name": [
    { name: "sg-1", groups: "sg-2", several: false },
    { name: "sg-1", groups: "sg-2", several: true },
  ],
  "cloud-group-incomplete": [{ key: "K1" }],
  "cloud-key-unknown": [{ key: "K1", known: ["K2", "K3"] }],
  "cloud-prefix-list": [{ list: "pl-1" }],
  "cloud-after-apply": [{ field: "f1", resource: "r1" }],
  "cloud-range": [{ range: "r1" }],
  "cloud-protocol": [{ protocol: "p1" }],
  "cloud-ports": [{ ports: "9-7" }],

  "ports-without-router": [{ host: "h1", lan: "l1" }, { host: "h1" }],
  "port-published-twice": [{ port: 7001, address: "192.0.2.1", hosts: ["h1", "h2"] }],
  "lan-name-twice": [{ name: "l1", hosts: ["h1", "h2"] }],
  "network-key-misplaced": [{ key: "k1", instead: "k2" }],
  "host-placed-twice": [
    { places: ["k1", "k2"], move: true },
    { places: ["k1", "k2"], move: false },
  ],
  "home-lan-elsewhere": [{}, { lan: "l1" }],
  "host-without-address": [{ host: "h1", networks: ["192.0.2.0/24"] }],
  "address-twice": [{ lan: "l1", address: "192.0.2.1", hosts: ["h1", "h2"] }],
  "address-not-of-host": [{ address: "192.0.2.0", network: "192.0.2.0/24" }],
  "address-off-lan": [
    { host: "h1", lan: "l1", address: "192.0.2.1/24", networks: ["198.51.100.0/24"], family: 4 },
    { host: "h1", lan: "l1", address: "192.0.2.1/24", networks: [], family: 4 },
  ],
  "address-not-public": [{ host: "h1", address: "192.0.2.1", public: "192.0.2.2" }],
  "network-full": [
    { network: "192.0.2.0/30", host: "h1", router: false },
    { network: "192.0.2.0/30", host: "r1", router: true },
  ],
  "network-too-small": [
    { network: "192.0.2.0/31", prefix: 31, bits: 32 },
    { network: "2001:db8::/127", prefix: 127, bits: 128 },
  ],
  "networks-overlap": [{ networks: ["192.0.2.0/24", "192.0.2.1/32"] }],
  "network-none-free": [{ owner: "h1", family: 6 }],
  "network-none-around": [{ address: "192.0.2.1/32" }],
  "server-only-private": [
    { host: "server", address: "10.0.0.1" },
    { host: "h1", address: "10.0.0.1" },
  ],
  "name-of-router": [{ name: "h1-router" }],
  "name-of-neighbour": [{ name: "h1-lan-if1", host: "h1", interface: "if1" }],
  "router-of-its-own": [{ key: "k1", value: "v1", host: "h1", lan: "l1" }],
  "public-without-router": [
    { host: "h1", placed: true },
    { host: "h1", placed: false },
  ],
  "router-key-without-nat": [
    { key: "k1", host: "h1" },
    { key: "k1", host: "h1", behind: "none" },
  ],
  "router-key-twice": [{ key: "k1", places: ["k2.k1", "k3.k1"] }],
  "nat-not-first": [{ host: "h1", interface: "eth7" }],
  "nat-without-public": [{}],
  "interface-twice": [{ name: "eth7" }],
  "interface-loopback": [{}],
  "interface-without-ipv6": [{ host: "h1", interface: "eth7", addresses: ["192.0.2.1/24"] }],
  "interface-with-ipv6": (["key", "sysctl"] as const).map((off) => ({ host: "h1", interface: "eth7", address: "2001:db8::1", off })),
  "address-public-behind-nat": [{ address: "192.0.2.1" }],
  "ufw-files-missing": [{ files: ["ufw/f1", "ufw/f2"], copies: ["/etc/ufw/f1", "/etc/ufw/f2"] }],

  "policy-unreadable": [
    { file, found: "no-file" },
    { file, found: "not-utf-8" },
  ],
  "policy-empty": [{}],
  "policy-no-yaml": [{ said }],
  "policy-key-twice": [{ key: "k1", line: 7 }],
  "policy-key-unknown": [
    { key: "k1", path: "", known: [] },
    { key: "k1", path: "forwards.f1", known: ["k2", "k3"], meant: "k2" },
  ],
  "policy-key-missing": [
    { key: "k1", path: "" },
    { key: "k1", path: "forwards.f1" },
  ],
  "policy-value": [
    ...policyExpected.map((expected) => ({ path: "forwards.f1", found: "empty-text" as const, expected, todo: "correct" as const })),
    ...policyForms.map((form) => ({
      path: "forwards.f1",
      found: { text: "v1" },
      form,
      todo: { write: "v2", guessed: form === "address-with-prefix" },
    })),
    { path: "forwards.f1", found: { text: "v1" }, values: ["v2", "v3"], todo: { meant: "v2" } },
    ...(["value-or-nothing", "entry-or-nothing", "no-quotes"] as const).map((todo) => ({
      path: "forwards.f1",
      found: "nothing" as const,
      expected: "list" as const,
      todo,
    })),
  ],
  "policy-name-unknown": (["server", "host", "account", "vantage point", "forward", "LAN"] as const).flatMap((kind) => [
    { kind, name: "n1", known: ["n2", "n3"], meant: "n2" },
    { kind, name: "n1", known: [] },
  ]),
  "policy-file-missing": [{ file }],

  "file-unknown": [{ file }, { file, known: ["f1", "f2"] }],
  "nothing-of-that-name": [{ exercise: "e1", known: ["f1", "f2"] }],
  "attempt-too-long": [{ names: ["f1"], file: 65536, command: 1000 }],
  "lesson-unknown": [{ lesson: "l1" }],
  "lab-busy": (["run", "try", "grade", "use", "check", "stop"] as const).map((request) => ({ request })),
  "no-lab-yet": [{}],
  "message-unknown": [{}],

  "lab-gone": [{}],
  "lab-limit": [{ processes: 7000, mebibytes: 2048 }],
  "lab-does-not-start": [{ said }],
  "lab-unsound": [{}],
  "disk-full": [{}],
  "engine-disk-full": [{}],
  "engine-none": [{}],
  "engine-dead": [{ source: "DOCKER_HOST" }],
  "image-name": [{ name: "i1" }],
  "image-not-pulled": [{ image: "i1" }],
  "image-not-found": [{ image: "i1", versions: ["8.4", "9.2"] }],
  "image-not-built": [{ image: "i1", suite: "trixie" }],

  "key-option-bad": [{ option: "o1" }],
  "key-option-unknown": [{ option: "o1" }],
  "group-name": [{ name: "g 1" }],
  "account-name": [{ name: "a 1" }],
};

export const everyFault: readonly Fault[] = (Object.keys(samples) as FaultCode[]).flatMap((code) =>
  samples[code].map((params) => faultOf(code, params as never)),
);
