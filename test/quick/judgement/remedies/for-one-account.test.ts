/** What an account lacks is given to it, and to nobody else: the server has other accounts, and other needs. */
import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../../harness/core/cells.ts";
import { type ForwardOutcome, listensOnServer } from "../../../../harness/core/forward-outcome.ts";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import type { RemedyInputs } from "../../../../harness/judgement/remedies/candidate.ts";
import { candidatesFor } from "../../../../harness/judgement/remedies/candidates.ts";
import { violationsOf } from "../../../../harness/judgement/remedies/violations.ts";
import { type ForwardArguments, parseSshArguments } from "../../../../harness/openssh/forward-arguments.ts";
import { labSpecOf } from "../../../../harness/policy/network.ts";
import type { Policy } from "../../../../harness/policy/policy.ts";
import { sentenceFor } from "../../../../harness/report/sentences.ts";
import { judged, outcomeOf, policyOf, reached, refused } from "../sample.ts";

type Stated = Record<string, { as: string; ssh: string; refused?: true; reach?: Policy["forwards"][string]["reachable_from"] }>;

/** Candidates for the first violation: each as the files that it changes. */
function proposed(
  stated: Stated,
  outcome: Partial<ForwardOutcome>,
  files: Record<string, string>,
  see: (cell: Cell) => ReturnType<typeof refused> = refused,
) {
  const forwards = Object.fromEntries(
    Object.entries(stated).map(([name, { as, ssh, refused: must, reach }]) => [
      name,
      { as, ssh, ...(reach ? { reachable_from: reach } : { refused_by_server: must === true }) },
    ]),
  );
  const server = { sshd_config: "sshd_config", accounts: { alice: {}, bob: {}, carol: {} } };
  const policy = policyOf(forwards, { server });
  const outcomes = Object.entries(stated).map(([name, { as: account, ssh }], at) => {
    const { request, requested } = parseSshArguments(ssh, undefined, { jumps: true }).forwards[0] as ForwardArguments;
    const listensOn = listensOnServer(request.kind) ? "server" : "home";
    return outcomeOf(name, { ssh, kind: request.kind, requested, account, listensOn, ...(at === 0 ? outcome : {}) });
  });
  const [first = ""] = Object.keys(stated);
  const cells = cellsOf(labSpecOf(policy), [{ forward: first, host: outcomes[0]?.listensOn ?? "", port: 43_234 }]);
  const result = judged(see, { policy, cells, outcomes, selected: Object.keys(stated) });
  const inputs: RemedyInputs = { policy, policyFile: "policy.yaml", sshdConfig: "sshd_config", files: { "policy.yaml": "", ...files } };
  const [violation] = violationsOf(result);
  if (!violation) throw new Error("nothing is violated");
  return candidatesFor(violation, result, inputs).map((candidate) => {
    for (const language of ["en", "ja"] as const) expect(sentenceFor(candidate, language)).toMatch(/`/);
    const after = applyCandidate(inputs.files, candidate);
    return Object.fromEntries(Object.entries(after).filter(([file, text]) => inputs.files[file] !== text));
  });
}

const bySetting = (keyword: string, value: string, file: string, line: number): Partial<ForwardOutcome> => ({
  granted: false,
  listeners: [],
  refusedBy: {
    layer: "sshd-policy",
    code: "permit-listen",
    params: {},
    text: "",
    source: { keyword: keyword.toLowerCase(), value, file, line },
  },
});
const remote = { rdp: { as: "alice", ssh: "-R 43234:localhost:3389" } };
const block = (...lines: string[]) => `Match User alice\n${lines.map((line) => `    ${line}\n`).join("")}`;

describe("a forward that the server refuses", () => {
  test.each<[string, string, string[]]>([
    ["AllowTcpForwarding", "no", ["AllowTcpForwarding remote", "PermitListen localhost:43234"]],
    ["AllowTcpForwarding", "local", ["AllowTcpForwarding yes", "PermitListen localhost:43234"]],
    ["DisableForwarding", "yes", ["DisableForwarding no", "AllowTcpForwarding remote", "PermitListen localhost:43234"]],
    ["PermitListen", "8080", ["PermitListen 8080 localhost:43234"]],
  ])("%s %s for all: a block for the account, with no more than it needs", (keyword, value, lines) => {
    const text = `${keyword} ${value}\n`;
    const [first, ...others] = proposed(remote, bySetting(keyword, value, "sshd_config", 1), { sshd_config: text });
    expect(first).toEqual({ sshd_config: `${text}${block(...lines)}` });
    expect(others.every((each) => each.sshd_config?.startsWith(text))).toBe(true);
  });

  test("what else the account is for is let through at once", () => {
    const text = "AllowTcpForwarding no\n";
    const all = { ...remote, db: { as: "alice", ssh: "-L 5432:db:5432" }, bobs: { as: "bob", ssh: "-R 43235:localhost:80" } };
    expect(proposed(all, bySetting("AllowTcpForwarding", "no", "sshd_config", 1), { sshd_config: text })).toEqual([
      { sshd_config: `${text}${block("AllowTcpForwarding yes", "PermitListen localhost:43234", "PermitOpen db:5432")}` },
    ]);
  });

  test("its own block is changed where it stands, that of others is not", () => {
    const own = "Match User alice\n\tAllowTcpForwarding no\n";
    const lines = ["\tAllowTcpForwarding remote\n", "\tPermitListen localhost:43234\n"];
    expect(proposed(remote, bySetting("AllowTcpForwarding", "no", "sshd_config", 2), { sshd_config: own })[0]).toEqual({
      sshd_config: `Match User alice\n${lines.join("")}`,
    });
    for (const match of ["User alice,bob", "Group staff", "User alic?", "User alice Address 10.0.0.0/8"]) {
      const text = `# for some\nMatch ${match}\n\tAllowTcpForwarding no\n`;
      const found = proposed(remote, bySetting("AllowTcpForwarding", "no", "sshd_config", 3), { sshd_config: text });
      expect(found.map(({ sshd_config: after = "" }) => after.includes(text) && after !== text)).not.toContain(false);
      // Before the other block, and before the comment on it.
      expect(found[1]).toEqual({ sshd_config: `${block("AllowTcpForwarding remote", "PermitListen localhost:43234")}${text}` });
    }
  });

  test("a block in a file that is included first is overridden there", () => {
    const files = { sshd_config: "Include sshd_config.d/*.conf\n", "sshd_config.d/10.conf": "Match Group staff\n  PermitListen none\n" };
    const found = proposed(remote, bySetting("PermitListen", "none", "sshd_config.d/10.conf", 2), files);
    expect(found.at(-1)).toEqual({
      "sshd_config.d/10.conf": `${block("PermitListen localhost:43234")}${files["sshd_config.d/10.conf"]}`,
    });
  });

  test("two that one list lacks have one change", () => {
    const two = { ...remote, other: { as: "alice", ssh: "-R 43235:localhost:80" } };
    const text = "Match User alice\n  PermitListen 8080 # web\n";
    const after = text.replace("8080", "8080 localhost:43234 localhost:43235");
    for (const stated of [two, { other: two.other, rdp: two.rdp }])
      expect(
        proposed(stated, bySetting("PermitListen", "*:8080", "sshd_config", 2), { sshd_config: text }).map(({ sshd_config: each = "" }) =>
          each.split(/\s+/).sort().join(" "),
        ),
      ).toEqual([after.split(/\s+/).sort().join(" ")]);
  });

  test("a key that allowed nothing allows what the policy wants of it, in each direction", () => {
    const line = (options: string) => `${options} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 alice\n`;
    const outcome = (keyOptions: string): Partial<ForwardOutcome> => ({
      granted: false,
      listeners: [],
      keyOptions,
      refusedBy: {
        layer: "key-options",
        code: "key-no-forwarding",
        params: {},
        text: "",
        source: { keyword: "restrict", value: "restrict", keyOption: true, file: "alice.keys", line: 1 },
      },
    });
    const keyFor = (effective: ForwardOutcome["effective"]) =>
      proposed(remote, { ...outcome("restrict"), effective }, { sshd_config: "", "alice.keys": line("restrict") });
    const listen = 'restrict,port-forwarding,permitlisten="localhost:43234"';
    expect(keyFor([])).toEqual([{ "alice.keys": line(`${listen},permitopen="localhost:1"`) }]);
    expect(keyFor([{ keyword: "permitopen", value: "none" }])).toEqual([{ "alice.keys": line(listen) }]);
    expect(keyFor([{ keyword: "allowtcpforwarding", value: "remote" }])).toEqual([{ "alice.keys": line(listen) }]);
  });
});

describe("a forward that listens on too little", () => {
  const loopback = (cell: Cell) => (cell.scope === "loopback" ? reached(cell) : refused(cell));
  const no = (place: { file?: string; line?: number } = {}) => ({
    listeners: ["127.0.0.1:43234", "[::1]:43234"],
    effective: [{ keyword: "gatewayports", value: "no", ...place }],
  });

  test("GatewayPorts for the account alone", () => {
    const wide = { rdp: { as: "alice", ssh: "-R :43234:localhost:3389", reach: ["anyone" as const] } };
    const text = "GatewayPorts no\n";
    const after = { sshd_config: `${text}${block("GatewayPorts clientspecified")}` };
    expect(proposed(wide, no({ file: "sshd_config", line: 1 }), { sshd_config: text }, loopback)).toEqual([after]);
    expect(proposed(wide, no(), { sshd_config: text }, loopback)).toEqual([after]);
  });

  test("GatewayPorts yes is for all, or where others need it for the account", () => {
    const own = { rdp: { as: "alice", ssh: "-R 43234:localhost:3389", reach: ["server" as const] } };
    const yes = {
      listeners: ["0.0.0.0:43234", "[::]:43234"],
      effective: [{ keyword: "gatewayports", value: "yes", file: "sshd_config", line: 1 }],
    };
    const text = "GatewayPorts yes\n";
    expect(proposed(own, yes, { sshd_config: text }, reached)).toEqual([
      { sshd_config: "GatewayPorts clientspecified\n" },
      { sshd_config: `${text}${block("GatewayPorts clientspecified")}` },
    ]);
  });

  test("GatewayPorts yes opens IPv6 to a forward for IPv4 alone", () => {
    const four = { rdp: { as: "alice", ssh: "-R 0.0.0.0:43234:localhost:3389", reach: [{ vantage: "anyone", family: 4 as const }] } };
    const text = "Match User alice\n  GatewayPorts yes\n";
    const yes = {
      listeners: ["0.0.0.0:43234", "[::]:43234"],
      effective: [{ keyword: "gatewayports", value: "yes", file: "sshd_config", line: 2 }],
    };
    expect(proposed(four, yes, { sshd_config: text }, reached)).toEqual([{ sshd_config: text.replace("yes", "clientspecified") }]);
  });
});
