/** Everything that the lab says of itself, with every way of putting it; the compiler holds the lists complete. */
import { type Adaptation, type AdaptationCode, type AdaptationParams, adapted } from "../../../harness/core/adaptation.ts";
import type { Provenance } from "../../../harness/core/result.ts";
import type { Check, CheckCode, NatFact, NatParams, ParamsOfCheck } from "../../../harness/core/self-check.ts";

type Samples = { readonly [Code in AdaptationCode]: readonly AdaptationParams<Code>[] };

const paths = ["/etc/p1", "/etc/p2"];
const account = "acc1";

const samples: Samples = {
  "kernel-settings": (["privileged-ports", "no-routing", "ipv6-at-once"] as const).map((why) => ({
    settings: ["net.k1 = 7", "net.k2 = 8"],
    why,
  })),
  "ports-reserved": [{ ports: "80,443-445" }],
  "names-written": [{}],
  "tun-made": [{}],
  "tun-missing": [{}],
  "observation-table": [{}],
  "neighbour-added": [{ lan: "lan1" }],
  "runtime-folder": [{ folder: "/run/user/1234/d1", account }],
  "lab-socket": [{ path: "/run/s1" }],
  "front-firewall": [{}],
  "keyword-commented-out": [{ place: "ssh/sshd_config:7", keyword: "usepamx" }],
  "host-keys": [{ paths }],
  "cgroups-made": [{ groups: ["/G1", "/G2"] }, { groups: ["/G1"], pam: "P1" }],
  "sshd-options": [{ settings: ["K1=v1", "K2=v2"] }],
  "revoked-keys-emptied": [{ path: "/etc/p1" }],
  "chroot-made": [{ paths }],
  "xauth-made": [{ path: "/usr/bin/x1" }],
  "account-unlocked": [{ account }],
  "accounts-copied": [{ accounts: 31, groups: 57, passwd: "site/passwd", group: "site/group" }],
  "accounts-created": [{ accounts: ["acc1", "acc2"] }],
  "login-shell-replaced": [{ shell: "/bin/sh1" }],
  "login-setting": (
    [
      ["no-public-keys"],
      ["other-methods", "m1,m2"],
      ["keys-elsewhere"],
      ["no-plain-key"],
      ["no-plain-certificate"],
      ["no-common-ca"],
      ["command-not-run", "/c1"],
      ["principals-elsewhere"],
      ["log-too-short"],
    ] as const
  ).map(([why, instead]) => ({ account, line: "K1 v1", why, ...(instead ? { instead } : {}) })),
  "command-output-given": (["keys", "principals"] as const).map((prints) => ({ setting: "AuthorizedKeysCommand /c1", account, prints })),
  "lab-keys": [{ path: "/etc/p1" }],
  "lab-ca": [{ path: "/etc/p1" }],
  "principals-copied": [{ file: "f1", path: "/etc/p1" }],
  "lab-principal": [{ account, path: "/etc/p1" }],
  "certificate-copied": [{ account, file: "f1" }],
  "certificate-made": [
    { account, principals: ["pr1", "pr2"] },
    { account, principals: ["pr1"], place: "f1:7" },
  ],
};

export const everyAdaptation: readonly Adaptation[] = Object.entries(samples).flatMap(([code, all]) =>
  all.map((params): Adaptation => ({ host: "h1", ...adapted(code as AdaptationCode, params as never) })),
);

const checks: { readonly [Code in CheckCode]: ParamsOfCheck<Code>[] } = {
  "ingress-reached": [
    { vantage: "v1", server: "s1", address: "192.0.2.7" },
    { vantage: "v1", server: "s1", address: "192.0.2.7", seen: ["in r1", "out r2"] },
    { vantage: "v1", server: "s1", address: "192.0.2.7", seen: [] },
  ],
  "cannot-leave": [
    { vantage: "v1", address: "192.0.2.7" },
    { vantage: "v1", address: "192.0.2.7", connect: "ETIMEDOUT" },
  ],
  "no-side-path": [{ vantage: "v1", other: "o1", address: "192.0.2.7" }],
  "own-interfaces": [{ host: "h1" }, { host: "h1", found: "lo eth7", expected: "lo eth0" }, {}],
  "host-settings": [{ host: "h1" }, { host: "h1", wrong: ["net.k1 is 1, not 0"] }],
};

/** Names as the lab gives them are told apart here only. */
export const everyCheck: readonly Check[] = Object.entries(checks).flatMap(([code, all]) =>
  all.map((params, at): Check => {
    const failed = Object.keys(params).some((key) => ["seen", "connect", "found", "wrong"].includes(key));
    const named = { name: `the name of check ${code} ${at}`, ok: !failed, ...(failed ? { detail: "what was found instead" } : {}) };
    return { ...named, code, params } as Check;
  }),
);

const nats: readonly NatParams[] = [
  { behindNat: false },
  { behindNat: true, vantage: "v1", port: 61001, seenAs: ["198.51.100.7:61001"], outside: "198.51.100.8", droppedAt: "r1" },
  { behindNat: false, vantage: "v1", port: 61001, seenAs: ["a:1", "b:2"], outside: "198.51.100.8", connect: "ECONNREFUSED" },
];

export const everyNat: readonly NatFact[] = nats.map((params, at) => ({
  router: `r${at + 1}`,
  kind: "masquerade of some kind",
  measured: "what was seen from the outside",
  params,
}));

/** As documents have them. */
export const labFacts = { selfCheck: everyCheck, nat: everyNat } as unknown as Pick<Provenance, "selfCheck" | "nat">;
