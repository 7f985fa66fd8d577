/** Reviews as the judgement hands them over, for every report: with findings of each audience, without any, and without a verdict. */

import { adapted } from "../../../harness/core/adaptation.ts";
import { audiences } from "../../../harness/core/audience.ts";
import type { Unworded } from "../../../harness/core/result.ts";
import type { Review, ReviewFinding, ReviewMutation, ReviewPrincipal } from "../../../harness/core/review.ts";
import { warning } from "../../../harness/core/warning.ts";
import { wordedReview } from "../../../harness/report/worded-review.ts";
import { provenance } from "../judgement/sample.ts";

type Finding = Unworded<ReviewFinding>;
type Cause = Finding["decidedBy"][number];

const everywhere = ["1.0.0.0/8", "2.0.0.0/7", "2000::/16"];

function setting(text: string, line?: number): Cause {
  const byDefault = line === undefined;
  return {
    layer: "sshd-policy",
    code: "review-setting",
    params: { setting: text, byDefault },
    rule: text,
    ...(byDefault ? {} : { file: "site/sshd_config", line }),
  };
}

function rule(text: string, line: number): Cause {
  return { layer: "server-firewall", code: "review-rule", params: { rule: text }, rule: text, file: "site/fw.nft", line };
}

const noRule: Cause = { layer: "server-firewall", code: "review-no-rule", params: {} };

function principal(id: string, changes: Partial<Unworded<ReviewPrincipal>> = {}): Unworded<ReviewPrincipal> {
  return {
    id,
    account: id.split(" ")[0] ?? id,
    login: { options: "", certificate: false },
    from: everywhere,
    vantage: "home",
    loggedIn: true,
    refusedBy: null,
    settings: [{ keyword: "allowtcpforwarding", value: "yes", file: "site/sshd_config", line: 2 }],
    ...changes,
  };
}

const notListed: Cause = {
  layer: "sshd-policy",
  code: "login-failed",
  params: { said: "User root from 203.0.113.7 not allowed because not listed in AllowUsers" },
  rule: "AllowUsers alice bob tunnel",
  file: "site/sshd_config",
  line: 5,
};

export function finding(id: string, changes: Partial<Finding> & Pick<Finding, "kind" | "audience" | "code">): Finding {
  return {
    id,
    params: {},
    principals: ["tunnel"],
    accounts: ["tunnel"],
    listeners: [],
    targets: [],
    example: "-R :8001:localhost:3389",
    visitors: null,
    lan: false,
    lans: [],
    destinations: [],
    server: false,
    decidedBy: [],
    passed: [],
    references: [],
    ...changes,
  };
}

type Destination = Finding["destinations"][number];

function destination(address: string, { only = [], ...changes }: Partial<Destination> & { only?: string[] }): Destination {
  const family: 4 | 6 = address.includes(":") ? 6 : 4;
  const visitors = only.length === 0 ? null : { prefixes: only, families: [{ family, rest: false, except: [] as string[], only }] };
  return { address, all: true, visitors, lan: false, lans: [], ...changes };
}

const cis = { standard: "CIS Debian Linux 12 Benchmark v1.0.1", item: "5.1.8 (DisableForwarding)" };

const findings: Finding[] = [
  finding("listener-internet-6c65725f", {
    kind: "listener",
    audience: "internet",
    code: "review-listener-outside",
    ports: "8000-8100",
    listeners: ["0.0.0.0", "[::]"],
    visitors: {
      prefixes: everywhere,
      families: [
        { family: 4, rest: true, except: ["10.0.0.0/8", "192.0.2.0/24", "192.0.2.9", "198.51.100.7", "203.0.113.0/24"], only: [] },
        { family: 6, rest: true, except: [], only: [] },
      ],
    },
    lan: true,
    server: true,
    decidedBy: [setting("GatewayPorts clientspecified", 8), rule("inet filter input tcp dport 8000-8100 accept", 8)],
    passed: ["DisableForwarding no", "AllowTcpForwarding yes", "no key options", "inet filter input tcp dport 8000-8100 accept"],
    remedy: {
      summary: { code: "set-setting", params: { setting: "GatewayPorts no", place: "site/sshd_config:8" } },
      patch: "--- a/sshd_config\n+++ b/sshd_config\n@@ -8,1 +8,1 @@\n-    GatewayPorts clientspecified\n+    GatewayPorts no\n",
      tried: true,
      also: ["listener-networks-306dc385"],
    },
    references: [cis, { standard: "NIST IR 7966 (October 2015)", item: "port forwarding" }],
  }),
  finding("listener-networks-306dc385", {
    kind: "listener",
    audience: "networks",
    code: "review-listener-outside",
    ports: "3389",
    example: "-R :3389:localhost:3389",
    listeners: ["0.0.0.0", "[::]"],
    visitors: {
      prefixes: ["203.0.113.0/24", "198.51.100.7", "2001:db8:50::/64"],
      families: [
        { family: 4, rest: false, except: [], only: ["203.0.113.0/24", "198.51.100.7"] },
        { family: 6, rest: false, except: [], only: ["2001:db8:50::/64"] },
      ],
    },
    destinations: [
      destination("198.51.100.10", { only: ["203.0.113.0/24", "198.51.100.7"] }),
      destination("198.51.100.11", { all: false, only: ["203.0.113.0/24"] }),
      destination("2001:db8:100::10", { only: ["2001:db8:50::/64"] }),
    ],
    server: true,
    decidedBy: [setting("GatewayPorts clientspecified", 8), rule("inet filter input ip saddr @office tcp dport 3389 accept", 7)],
    passed: ["DisableForwarding no", "AllowTcpForwarding yes", "no key options"],
    references: [cis],
  }),
  finding("listener-lan-0a1b2c3d", {
    kind: "listener",
    audience: "lan",
    code: "review-listener-outside",
    ports: "1024-3388, 3390-7999, 8101-8442, 8444-9089, 9091-9999, 10001-49151, 49153-65535",
    example: "-R :1024:localhost:3389",
    listeners: ["0.0.0.0"],
    lan: true,
    lans: ["eth1"],
    destinations: [destination("10.20.0.5", { lan: true, lans: ["eth1"] }), destination("198.51.100.10", { all: false })],
    server: true,
    decidedBy: [setting("GatewayPorts clientspecified", 8), noRule],
    passed: ["DisableForwarding no", "AllowTcpForwarding yes", "no key options"],
    references: [cis],
  }),
  finding("x11-lan-5e5e5e5e", {
    kind: "x11",
    audience: "lan",
    code: "review-x11",
    accounts: ["alice"],
    principals: ["alice keys/alice:1"],
    example: "-X",
    listeners: ["0.0.0.0:6010", "[::]:6010"],
    lan: true,
    server: true,
    decidedBy: [setting("X11UseLocalhost no", 14)],
    references: [{ standard: "DISA RHEL 9 STIG", item: "V-258011 (X11UseLocalhost)" }],
  }),
  finding("listener-server-bea58f41", {
    kind: "listener",
    audience: "server",
    code: "review-listener-local",
    params: { everybody: true },
    principals: ["alice keys/alice:1", "alice keys/alice:3 from 10.0.0.0/8", "bob", "tunnel"],
    accounts: ["alice", "bob", "tunnel"],
    ports: "1024-65535",
    example: "-R 1024:localhost:3389",
    listeners: ["127.0.0.1", "[::1]"],
    server: true,
    decidedBy: [setting("AllowTcpForwarding yes")],
    passed: ["DisableForwarding no", "AllowTcpForwarding yes", "no key options", "GatewayPorts no"],
    references: [cis],
  }),
  finding("socket-server-77777777", {
    kind: "socket",
    audience: "server",
    code: "review-socket",
    example: "-R /tmp/service.sock:localhost:8080",
    listeners: ["/tmp/service.sock (srw-rw-rw- tunnel:tunnel)"],
    server: true,
    decidedBy: [setting("StreamLocalBindMask 0111", 15)],
  }),
  finding("tunnel-account-88888888", {
    kind: "tunnel",
    audience: "account",
    code: "review-tunnel",
    params: { everybody: true },
    principals: ["alice keys/alice:1", "bob", "tunnel"],
    accounts: ["alice", "bob", "tunnel"],
    example: "-w any:any",
    decidedBy: [setting("PermitTunnel yes", 16)],
  }),
  finding("target-account-798b5195", {
    kind: "target",
    audience: "account",
    code: "review-target",
    params: { kinds: ["loopback", "own", "lan", "metadata", "internet", "listed"], everybody: false },
    principals: ["alice keys/alice:1", "bob"],
    accounts: ["alice", "bob"],
    example: "-L 9000:169.254.169.254:80",
    targets: ["localhost:65535", "169.254.169.254:80"],
    decidedBy: [setting("AllowTcpForwarding yes"), setting("PermitOpen localhost:5432", 9)],
    passed: ["DisableForwarding no", "AllowTcpForwarding yes", "no key options"],
    references: [cis],
  }),
  finding("agent-account-99999999", {
    kind: "agent",
    audience: "account",
    code: "review-agent",
    accounts: ["alice", "bob"],
    principals: ["alice keys/alice:1", "bob"],
    example: "-A",
    decidedBy: [setting("AllowAgentForwarding yes")],
  }),
  finding("settings-account-d95369b3", {
    kind: "settings",
    audience: "account",
    code: "review-settings-differ",
    params: { setting: "GatewayPorts clientspecified", shown: "GatewayPorts no" },
    example: "sshd -T",
    decidedBy: [setting("GatewayPorts clientspecified", 8)],
  }),
];

const privileged: Cause = { layer: "sshd-policy", code: "port-privileged", params: { port: 1 } };
const denied: Cause = {
  layer: "sshd-policy",
  code: "permit-open",
  params: { host: "10.0.0.5", port: 22 },
  rule: "PermitOpen localhost:5432",
  file: "site/sshd_config",
  line: 9,
};

function counted(review: Omit<Unworded<Review>, "counts">): Review {
  const counts = Object.fromEntries(
    audiences.map((audience) => [audience, review.findings.filter((each) => each.audience === audience).length]),
  ) as Review["counts"];
  return wordedReview({ ...review, counts });
}

const base: Omit<Unworded<Review>, "counts"> = {
  schemaVersion: 1,
  kind: "review",
  tool: { name: "forwardlab", version: "0.1.0" },
  subject: "site/sshd_config",
  outcome: "complete",
  reasons: [],
  provenance: {
    ...provenance,
    configs: [
      { file: "site/sshd_config", sha256: "aa" },
      { file: "site/fw.nft", sha256: "bb" },
    ],
  },
  sources: {
    classes: [{ family: 4, prefixes: everywhere.slice(0, 2), vantage: "internet", address: "192.0.2.66" }],
    uncovered: [
      { family: 4, prefixes: ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12"], because: "private" },
      { family: 6, prefixes: ["fc00::/7"], because: "private" },
    ],
    inexact: [],
  },
  ports: [{ ports: "1024-65535", asked: [1024, 1025] }],
  principals: [
    principal("alice keys/alice:1", { login: { options: "", file: "keys/alice", line: 1, certificate: false } }),
    principal("alice keys/alice:3 from 10.0.0.0/8", {
      login: { options: "restrict,port-forwarding", file: "keys/alice", line: 3, certificate: false },
    }),
    principal("bob"),
    principal("tunnel"),
    principal("root", { vantage: null, loggedIn: false, refusedBy: notListed }),
    principal("anybody", { vantage: null, loggedIn: false, refusedBy: notListed }),
  ],
  answers: [
    {
      request: { kind: "listener", bind: ":", ports: "1024-65535" },
      example: "-R :1024:localhost:9",
      principals: ["tunnel"],
      granted: true,
      listeners: ["0.0.0.0", "[::]"],
      refusedBy: null,
    },
    ...["", ":"].map((bind) => ({
      request: { kind: "listener" as const, bind, ports: "1-21, 23, 25-52, 54-112, 114-202, 204-442, 444-1023" },
      example: `-R ${bind}1:localhost:9`,
      principals: ["alice keys/alice:1", "bob", "tunnel"],
      granted: false,
      listeners: [],
      refusedBy: privileged,
    })),
    {
      request: { kind: "target", target: "10.0.0.5:22", of: "lan" },
      example: "-L 9000:10.0.0.5:22",
      principals: ["tunnel"],
      granted: false,
      listeners: [],
      reached: false,
      refusedBy: denied,
    },
    {
      request: { kind: "tunnel" },
      example: "-w any",
      principals: ["alice keys/alice:1", "bob", "tunnel"],
      granted: false,
      listeners: [],
      refusedBy: null,
    },
  ],
  reach: [
    {
      listeners: ["0.0.0.0", "[::]"],
      ports: "8000-8100",
      example: "-R :8001:localhost:9",
      principal: "tunnel",
      classes: [{ family: 4, vantage: "internet", reached: true, verdicts: ["reached"] }],
      server: true,
      decidedBy: [rule("inet filter input tcp dport 8000-8100 accept", 8)],
    },
  ],
  findings,
  coverage: [
    { file: "site/fw.nft", line: 6, rule: "tcp dport 22 accept", state: "unmet" },
    { file: "site/fw.nft", line: 8, rule: "tcp dport 8000-8100 accept", state: "decided" },
    { file: "site/fw.nft", line: 9, rule: "udp dport 53 accept", state: "unrelated" },
    { file: "site/sshd_config", line: 7, rule: "Match User tunnel", state: "met" },
    { file: "site/sshd_config", line: 8, rule: "GatewayPorts clientspecified", state: "decided" },
    { file: "site/sshd_config", line: 11, rule: "Match User carol Address 10.0.0.0/8", state: "unmet" },
  ],
  agreement: { asked: 9, differing: [] },
  warningDetails: [
    warning(
      "foreign-interface",
      { rule: 'iifname "wlan0" accept | <b>', names: ["wlan0"], matches: "never" },
      { file: "site/fw.nft", line: 4 },
    ),
  ],
};

/** Findings of every audience, each with something of its own: a remedy, a default, key lines, many ports. */
export const exposing = counted(base);

const change: Omit<Unworded<ReviewMutation>, "line" | "rule" | "effect"> = {
  file: "site/fw.nft",
  change: "removed",
  instead: "",
  audience: null,
  opens: [],
  closes: 0,
  noticed: null,
};
const { code, params, audience, accounts, ports, listeners, visitors, lan, lans, destinations } = findings[0] as Finding;

/** `--what-if`: a line that alone holds something back, one that another backs up, one without effect, and two that could not be changed. */
export const tried = counted({
  ...base,
  findings: findings.slice(0, 1),
  sensitivity: {
    mutations: [
      {
        ...change,
        line: 8,
        rule: "ip saddr @bad tcp dport 8000-8100 drop",
        effect: "opens",
        audience: "internet",
        opens: [{ code, params, audience, accounts, ...(ports ? { ports } : {}), listeners, visitors, lan, lans, destinations }],
        noticed: false,
      },
      { ...change, line: 5, rule: "45.13.7.0/24", effect: "closes", closes: 3 },
      { ...change, line: 5, rule: "91.7.0.0/16", effect: "none" },
      { ...change, line: 9, rule: "tcp dport 8443 drop", effect: "backed-up" },
    ],
    score: { noticed: 0, of: 1 },
    proposals: [{ as: "tunnel", ssh: "-R :8001:localhost:3389", refused: false, reachableFrom: ["campus"] }],
    notTried: [
      { file: "site/fw.nft", line: 1, rule: "define closed = { 6000 }", code: "what-if-only-element", params: {} },
      { file: "site/fw.nft", line: 40, rule: "192.0.2.33", code: "what-if-many", params: { count: 968 } },
    ],
  },
});

/** Nothing was granted. */
export const closed = counted({
  ...base,
  principals: base.principals.map((each) => ({ ...each, settings: [] })),
  answers: base.answers.filter(({ granted }) => !granted),
  reach: [],
  findings: [],
  coverage: base.coverage.map((each) => ({ ...each, state: "decided" as const })),
  warningDetails: [],
});

/** Something was found, but not all could be looked at. */
export const unsure = counted({
  ...base,
  outcome: "inconclusive",
  reasons: [
    { code: "review-cell-unproven", params: { vantage: "internet", target: "198.51.100.10:8000", why: "probe-missing" } },
    {
      code: "review-answers-differ",
      params: { principal: "bob", ssh: "-R 1024:localhost:9", differs: "listens on 127.0.0.1:1024; alone refused: permit-listen" },
    },
    { code: "review-ports-inexact", params: { place: "site/fw.nft:12", rule: "meta mark 7 accept" } },
  ],
  findings: findings.slice(1, 2),
  agreement: { asked: 9, differing: ["bob: ssh -R 1024:localhost:9: refused"] },
});

/** Thirty accounts that log in, thirty that do not, and a line that refuses them all. */
export const crowded = crowd(30);

function crowd(size: number): Review {
  const names = Array.from({ length: size }, (_, at) => `user${String(at + 1).padStart(2, "0")}`);
  const ids = names.map((name) => `${name} keys/${name}:1 from 10.0.0.0/8`);
  const [first] = findings as [Finding];
  return counted({
    ...base,
    principals: [
      ...ids.map((id) => principal(id)),
      ...names.map((name) => principal(`${name}-old`, { vantage: null, loggedIn: false, refusedBy: notListed })),
    ],
    answers: base.answers.map((answer) => (answer.granted ? answer : { ...answer, principals: ids })),
    findings: [
      { ...first, principals: ids, accounts: names },
      finding("settings-account-00000000", {
        kind: "settings",
        audience: "account",
        code: "review-settings-differ",
        params: { setting: "GatewayPorts yes", shown: "GatewayPorts no" },
        principals: ids,
        accounts: names,
        example: "sshd -T",
        decidedBy: [setting("GatewayPorts yes", 8)],
      }),
    ],
    coverage: Array.from({ length: 40 }, (_, at) => ({
      file: "site/fw.nft",
      line: at + 1,
      rule: `tcp dport ${9000 + at} accept`,
      state: "unmet" as const,
    })),
  });
}

/** Every text that a config, a server or a file's name may carry is `text`. */
export function hostileReview(text: string): Review {
  const cause: Cause = { layer: "sshd-policy", code: "review-setting", params: { setting: text }, rule: text, file: text, line: 3 };
  return counted({
    ...base,
    subject: text,
    outcome: "inconclusive",
    reasons: [{ code: "review-answers-differ", params: { principal: text, ssh: text, differs: text } }],
    principals: [
      principal(text, { vantage: null, loggedIn: false, refusedBy: { ...cause, code: "login-failed", params: { said: text } } }),
    ],
    answers: base.answers.map((answer) => ({
      ...answer,
      request: answer.request.kind === "listener" ? { ...answer.request, bind: text } : answer.request,
      granted: false,
      principals: [text],
      refusedBy: cause,
    })),
    findings: findings.map((each) => ({
      ...each,
      principals: [text, `${text}2`],
      accounts: [text],
      example: text,
      targets: [text],
      decidedBy: [cause, { ...cause, rule: text }],
      passed: [text],
      references: [{ standard: text, item: text }],
    })),
    coverage: base.coverage.map((each) => ({ ...each, file: text, rule: text, state: "unmet" as const })),
    provenance: {
      ...base.provenance,
      adaptationDetails: [{ host: text, ...adapted("lab-ca", { path: text }) }],
      openssh: { server: text },
    },
    warningDetails: [warning("foreign-interface", { rule: text, names: [text], matches: "never" }, { file: text, line: 1 })],
  });
}
