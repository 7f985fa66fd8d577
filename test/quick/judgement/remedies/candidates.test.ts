import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../../harness/core/cells.ts";
import { type ForwardOutcome, listensOnServer, type SettingSource } from "../../../../harness/core/forward-outcome.ts";
import { type Remedy, resultSchema } from "../../../../harness/core/result.ts";
import type { PacketDecision, ProbeResult } from "../../../../harness/core/verdict.ts";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import { withRemedies } from "../../../../harness/judgement/remedies/attach.ts";
import type { RemedyInputs } from "../../../../harness/judgement/remedies/candidate.ts";
import { candidatesFor } from "../../../../harness/judgement/remedies/candidates.ts";
import { type Harm, harmOf, mends } from "../../../../harness/judgement/remedies/mends.ts";
import { type Violation, violationsOf } from "../../../../harness/judgement/remedies/violations.ts";
import { type ForwardArguments, parseSshArguments } from "../../../../harness/openssh/forward-arguments.ts";
import { labSpecOf } from "../../../../harness/policy/network.ts";
import type { Policy } from "../../../../harness/policy/policy.ts";
import { sentenceFor } from "../../../../harness/report/sentences.ts";
import { worded } from "../../../../harness/report/worded.ts";
import { remedyText } from "../../../../harness/report/words.ts";
import { asItShouldBe, filtered, judged, outcomeOf, policyOf, probe, reached, refused } from "../sample.ts";

interface Case {
  ssh?: string;
  reachable?: Policy["forwards"][string]["reachable_from"];
  refused?: true;
  outcome?: Partial<ForwardOutcome>;
  listensOn?: string;
  linkLocal?: true;
  see(cell: Cell): ProbeResult;
  files: Record<string, string>;
}

const policyText = (ssh: string) =>
  `forwards:\n  rdp:\n    ssh: ${ssh}\n    reachable_from:\n      - campus\n      - other-lan # the office\n`;

/** Every candidate of the first violation: its code, and the files that it changes. */
function proposed({ ssh = "-R :43234:localhost:3389", reachable = ["campus", "other-lan"], outcome = {}, see, files, ...rest }: Case) {
  const stated = rest.refused ? { ssh, refused_by_server: true } : { ssh, reachable_from: reachable };
  const policy = policyOf({ rdp: stated });
  const cells = cellsOf(labSpecOf(policy), [
    { forward: "rdp", host: rest.listensOn ?? "server", port: 43234, ...(rest.linkLocal ? { linkLocal: "everywhere" as const } : {}) },
  ]);
  const result = judged(see, { policy, cells, outcomes: [outcomeOf("rdp", { ssh, ...outcome })] });
  const inputs: RemedyInputs = {
    policy,
    policyFile: "policy.yaml",
    sshdConfig: "sshd_config",
    files: { "policy.yaml": policyText(ssh), ...files },
  };
  const [violation] = violationsOf(result);
  if (!violation) throw new Error("nothing is violated");
  return candidatesFor(violation, result, inputs).map((candidate) => {
    const after = applyCandidate(inputs.files, candidate);
    expect(sentenceFor(candidate)).not.toBe("");
    return { code: candidate.code, ...Object.fromEntries(Object.entries(after).filter(([file, text]) => inputs.files[file] !== text)) };
  });
}

const from = (cell: Cell, seen: ProbeResult): ProbeResult => ({
  ...seen,
  evidence: { ...seen.evidence, seenAs: cell.family === 4 ? `192.0.2.${cell.vantage.length}` : `2001:db8::${cell.vantage.length}` },
});
const onlyLocal = { listeners: ["127.0.0.1:43234", "[::1]:43234"] };
const loopback = (cell: Cell) => (cell.scope === "loopback" ? reached(cell) : refused(cell));
const gateway = (value: string, place: { file?: string; line?: number } = {}) => [{ keyword: "gatewayports", value, ...place }];

describe("a forward that listens on too little", () => {
  test("GatewayPorts by default: set before the first Match, never in it", () => {
    const sshd = "Port 22\nMatch Group admins\n\tX11Forwarding no\n";
    expect(proposed({ see: loopback, outcome: { ...onlyLocal, effective: gateway("no") }, files: { sshd_config: sshd } })).toEqual([
      { code: "set-setting", sshd_config: "Port 22\nGatewayPorts clientspecified\nMatch Group admins\n\tX11Forwarding no\n" },
    ]);
  });

  test("a line of a drop-in is changed where it counts", () => {
    const dropIn = "# hardening\n  GatewayPorts no # never\n";
    const place = { file: "sshd_config.d/10.conf", line: 2 };
    expect(
      proposed({
        see: loopback,
        outcome: { ...onlyLocal, effective: gateway("no", place) },
        files: { sshd_config: "Include sshd_config.d/*.conf\n", "sshd_config.d/10.conf": dropIn },
      }),
    ).toEqual([{ code: "set-setting", "sshd_config.d/10.conf": "# hardening\n  GatewayPorts clientspecified\n" }]);
  });

  test("no bind address: the colon, with the setting where that is missing too", () => {
    const ssh = "-fN -R 43234:localhost:3389";
    const outcome = { ...onlyLocal, requested: "43234" };
    const colon = policyText("-fN -R :43234:localhost:3389");
    expect(proposed({ ssh, see: loopback, outcome, files: { sshd_config: "" } })).toEqual([
      { code: "add-leading-colon", "policy.yaml": colon },
    ]);
    expect(
      proposed({ ssh, see: loopback, outcome: { ...outcome, effective: gateway("no") }, files: { sshd_config: "Port 22\n" } }),
    ).toEqual([{ code: "set-gateway-ports-and-colon", sshd_config: "Port 22\nGatewayPorts clientspecified\n", "policy.yaml": colon }]);
  });

  test.each(["127.0.0.1", "localhost", "[::1]"])("%s was asked for on purpose: nothing is widened", (bind) => {
    const ssh = `-R ${bind}:43234:localhost:3389`;
    for (const effective of [gateway("no"), gateway("clientspecified")])
      expect(
        proposed({ ssh, see: loopback, outcome: { ...onlyLocal, requested: `${bind}:43234`, effective }, files: { sshd_config: "" } }),
      ).toEqual([]);
  });

  test("one address was asked for: the server honours it, and the policy may mean it", () => {
    const ssh = "-R 198.51.100.10:43234:localhost:3389";
    const outcome = { requested: "198.51.100.10:43234" };
    const bridge = proposed({
      ssh,
      see: loopback,
      outcome: { ...outcome, ...onlyLocal, effective: gateway("no") },
      files: { sshd_config: "" },
    });
    expect(bridge[0]).toEqual({ code: "set-setting", sshd_config: "GatewayPorts clientspecified\n" });
    expect(bridge.every((candidate) => !JSON.stringify(candidate).includes(" :43234"))).toBe(true);
    const bound = proposed({
      ssh,
      see: (cell) => (cell.address === "198.51.100.10" ? reached(cell) : refused(cell)),
      reachable: ["campus"],
      outcome: { ...outcome, listeners: ["198.51.100.10:43234"] },
      files: { sshd_config: "" },
    });
    const address = "{ vantage: campus, address: 198.51.100.10 }";
    expect(bound).toEqual([{ code: "name-address-in-policy", "policy.yaml": policyText(ssh).replace("- campus", `- ${address}`) }]);
  });

  test.each([
    ["-R 127.0.0.1:43234:localhost:3389", "remote", "server", "127.0.0.1"],
    ['-R "[::1]:43234:localhost:3389"', "remote", "server", "::1"],
    ["-L 127.0.0.1:43234:localhost:3389", "local", "home", "127.0.0.1"],
  ] as const)("%s: where it listens itself, it is expected at the address that it asks for", (ssh, kind, host, bind) => {
    const text = bind.includes(":") ? `[${bind}]` : bind;
    const given = (reachable: string) =>
      proposed({
        ssh,
        see: (cell) => (cell.address === bind ? reached(cell) : refused(cell)),
        reachable: [reachable],
        outcome: { requested: `${text}:43234`, listeners: [`${text}:43234`], effective: gateway("clientspecified"), kind, listensOn: host },
        listensOn: host,
        files: { sshd_config: "" },
      });
    const entry = `{ vantage: ${host}, address: ${bind.includes(":") ? `"${bind}"` : bind} }`;
    expect(given(host)).toEqual([{ code: "name-address-in-policy", "policy.yaml": policyText(ssh).replace("- campus", `- ${entry}`) }]);
    expect(given("campus")).toEqual([]);
  });

  test("AddressFamily leaves a family out", () => {
    const effective = [...gateway("clientspecified"), { keyword: "addressfamily", value: "inet", file: "sshd_config", line: 1 }];
    expect(
      proposed({
        see: (cell) => (cell.family === 4 ? asItShouldBe(cell) : refused(cell)),
        outcome: { listeners: ["0.0.0.0:43234"], effective },
        files: { sshd_config: "AddressFamily inet\n" },
      }),
    ).toEqual([{ code: "set-setting", sshd_config: "AddressFamily any\n" }]);
  });
});

describe("a forward that the server refuses", () => {
  const notGranted = (refusedBy: ForwardOutcome["refusedBy"], more: Partial<ForwardOutcome> = {}) => ({
    granted: false,
    listeners: [],
    refusedBy,
    ...more,
  });
  const sshd = (keyword: string, value: string) =>
    notGranted({
      layer: "sshd-policy",
      code: "permit-listen",
      params: {},
      text: `${keyword} ${value}`,
      source: { keyword: keyword.toLowerCase(), value, file: "sshd_config", line: 2 },
    });

  test.each([
    ["AllowTcpForwarding", "no", ["AllowTcpForwarding remote", "AllowTcpForwarding yes"]],
    ["AllowTcpForwarding", "local", ["AllowTcpForwarding yes"]],
    ["DisableForwarding", "yes", ["DisableForwarding no"]],
    ["PermitListen", "localhost:80 8080", ["PermitListen localhost:80 8080 43234"]],
    ["PermitListen", "none", ["PermitListen 43234"]],
  ])("%s %s", (keyword, value, lines) => {
    const files = { sshd_config: `Port 22\n\t${keyword} ${value}\n` };
    expect(proposed({ see: refused, outcome: sshd(keyword, value), files })).toEqual(
      lines.map((line) => ({ code: "set-setting", sshd_config: `Port 22\n\t${line}\n` })),
    );
  });

  const key = (keyOptions: string, requested = ":43234") =>
    notGranted(
      {
        layer: "key-options",
        code: "key-permit-listen",
        params: {},
        text: "key option",
        source: { keyword: "permitlisten", value: keyOptions, file: "alice.keys", line: 2 },
      },
      { keyOptions, requested },
    );

  test.each([
    ["restrict", ":43234", 'restrict,port-forwarding,permitlisten="43234",permitopen="localhost:1"'],
    [
      'from="10.0.0.0/8",restrict,pty',
      ":43234",
      'from="10.0.0.0/8",restrict,port-forwarding,pty,permitlisten="43234",permitopen="localhost:1"',
    ],
    ["no-port-forwarding,no-pty", "127.0.0.1:43234", 'no-pty,permitlisten="127.0.0.1:43234",permitopen="localhost:1"'],
    ['no-port-forwarding,permitopen="db:5432"', ":43234", 'permitopen="db:5432",permitlisten="43234"'],
    [
      'restrict,port-forwarding,permitlisten="localhost:43234"',
      "127.0.0.1:43234",
      'restrict,port-forwarding,permitlisten="localhost:43234",permitlisten="127.0.0.1:43234"',
    ],
    ['permitlisten="80",no-pty', "43234", 'permitlisten="80",permitlisten="localhost:43234",no-pty'],
  ])("key options %s, asked for %s", (options, requested, changed) => {
    const line = (text: string) => `# keys\n${text === "" ? "" : `${text} `}ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 alice\n`;
    const [only, ...others] = proposed({
      see: refused,
      outcome: key(options, requested),
      files: { sshd_config: "", "alice.keys": line(options) },
    });
    expect(others).toEqual([]);
    expect(only).toMatchObject({ "alice.keys": line(changed) });
    expect(only).not.toHaveProperty("sshd_config");
  });

  const turnedAway = (closedBy: ForwardOutcome["closedBy"], keyOptions = ""): Case => ({
    ssh: "-L :43234:db:5432",
    reachable: ["home-lan"],
    outcome: { kind: "local", listensOn: "home", ssh: "-L :43234:db:5432", closedBy, keyOptions },
    listensOn: "home",
    see: (cell) => probe(cell, { verdict: "closed", evidence: { connect: "connected", nonce: "none" } }),
    files: { sshd_config: "PermitOpen localhost:80\n", "alice.keys": 'permitopen="localhost:80" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 alice\n' },
  });
  const params = { host: "db", port: 5432 };

  test("the target of -L is listed where it was missing", () => {
    const source = { keyword: "permitopen", value: "localhost:80", file: "sshd_config", line: 1 };
    expect(proposed(turnedAway({ layer: "sshd-policy", code: "permit-open", params, text: "", source }))).toEqual([
      { code: "set-setting", sshd_config: "PermitOpen localhost:80 db:5432\n" },
    ]);
    const options = 'permitopen="localhost:80"';
    const inKey = { keyword: "permitopen", value: options, keyOption: true as const, file: "alice.keys", line: 1 };
    expect(proposed(turnedAway({ layer: "key-options", code: "key-permit-open", params, text: "", source: inKey }, options))).toEqual([
      { code: "permit-in-key", "alice.keys": `${options},permitopen="db:5432" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 alice\n` },
    ]);
  });

  test("a certificate is its CA's: nothing is proposed", () => {
    const source = {
      keyword: "permit-port-forwarding",
      value: "permit-port-forwarding",
      keyOption: true as const,
      file: "id-cert.pub",
      line: 1,
    };
    const refusedBy = { layer: "key-options" as const, code: "certificate-no-forwarding" as const, params: {}, text: "", source };
    const files = { sshd_config: "", "id-cert.pub": "ssh-ed25519-cert-v01@openssh.com AAAA\n" };
    expect(proposed({ see: refused, outcome: notGranted(refusedBy, { requested: "8080" }), files })).toEqual([]);
  });

  test("a low port is root's: nothing is proposed", () => {
    const refusedBy = {
      layer: "bind-address" as const,
      code: "port-privileged" as const,
      params: { port: 444 },
      text: "bind: Permission denied",
    };
    expect(proposed({ see: refused, outcome: notGranted(refusedBy, { requested: ":444" }), files: { sshd_config: "" } })).toEqual([]);
  });

  test("a file is in the way of a socket: sshd may remove it", () => {
    const refusedBy = { layer: "bind-address" as const, code: "path-taken" as const, params: { path: "/run/x.sock" }, text: "" };
    const outcome = notGranted(refusedBy, { requested: "/run/x.sock" });
    expect(proposed({ see: refused, outcome, files: { sshd_config: "Match User bob\n" } })).toEqual([
      { code: "set-setting", sshd_config: "StreamLocalBindUnlink yes\nMatch User bob\n" },
    ]);
    const effective = [{ keyword: "streamlocalbindunlink", value: "no", file: "sshd_config", line: 1 }];
    expect(proposed({ see: refused, outcome: { ...outcome, effective }, files: { sshd_config: "StreamLocalBindUnlink no\n" } })).toEqual([
      { code: "set-setting", sshd_config: "StreamLocalBindUnlink yes\n" },
    ]);
  });

  test("one that must be refused and is granted: for this account alone, also before the blocks that may override it", () => {
    expect(proposed({ refused: true, see: refused, files: { sshd_config: "Match User bob\n  PermitTTY no\n" } })).toEqual([
      { code: "set-for-account", sshd_config: "Match User bob\n  PermitTTY no\nMatch User tunnel\n    PermitListen none\n" },
      { code: "set-for-account-first", sshd_config: "Match User tunnel\n    PermitListen none\nMatch User bob\n  PermitTTY no\n" },
    ]);
    expect(proposed({ refused: true, see: refused, files: { sshd_config: "Port 22\n" } })).toEqual([
      { code: "set-for-account", sshd_config: "Port 22\nMatch User tunnel\n    PermitListen none\n" },
    ]);
  });
});

describe("a forward that must be refused and is granted, beside what the account may do", () => {
  type Forwards = Record<
    string,
    { ssh: string; refused?: true; account?: string; jump?: string[]; targets?: string[]; grantedBy?: SettingSource }
  >;

  /** Candidates for the forward `bad`: what they write in place of, or after, what stands there. */
  function settings(forwards: Forwards, sshd = "Port 22\n") {
    const policy = policyOf(
      Object.fromEntries(
        Object.entries(forwards).map(([name, { ssh, refused: must, targets }]) => [
          name,
          { ssh, ...(targets ? { targets } : {}), ...(must ? { refused_by_server: true } : { refused_by_server: false }) },
        ]),
      ),
    );
    const outcomes = Object.entries(forwards).map(([name, { ssh, account = "tunnel", jump, grantedBy }]) => {
      const { request, requested } = parseSshArguments(ssh, undefined, { jumps: true }).forwards[0] as ForwardArguments;
      const on = { listensOn: listensOnServer(request.kind) ? "server" : "home", ...(jump ? { jump, server: "inner" } : {}) };
      return outcomeOf(name, { ssh, kind: request.kind, requested, account, ...on, ...(grantedBy ? { grantedBy } : {}) });
    });
    const reachedAtHome = (cell: Cell) => (cell.vantage === "home" ? reached(cell) : refused(cell));
    const cells = cellsOf(labSpecOf(policy), [
      { forward: "bad", host: outcomes.find(({ name }) => name === "bad")?.listensOn ?? "", port: 43234 },
    ]);
    const result = judged(reachedAtHome, { policy, cells, outcomes, selected: Object.keys(forwards) });
    const inputs: RemedyInputs = {
      policy,
      policyFile: "policy.yaml",
      sshdConfig: "sshd_config",
      files: { "policy.yaml": "", sshd_config: sshd },
    };
    const [violation, ...others] = violationsOf(result);
    // Whoever gets in by it would not if it were refused.
    for (const other of others)
      expect(candidatesFor(other, result, inputs)[0]).toEqual(candidatesFor(violation as Violation, result, inputs)[0]);
    if (violation?.wants !== "refuse") throw new Error("it is not violated");
    return candidatesFor(violation, result, inputs).map((candidate) => {
      const after = applyCandidate(inputs.files, candidate).sshd_config ?? "";
      return after.startsWith(sshd) ? after.slice(sshd.length) : after;
    });
  }

  const forTunnel = (setting: string) => `Match User tunnel\n    ${setting}\n`;

  test.each<[string, Forwards, string]>([
    ["nothing", { bad: { ssh: "-L 43234:db:5432", refused: true } }, "PermitOpen none"],
    [
      "the targets of its other -L",
      { bad: { ssh: "-L 43234:db:5432", refused: true }, web: { ssh: "-L 8080:web:80" }, six: { ssh: "-L 8081:[2001:db8::1]:80" } },
      "PermitOpen web:80 [2001:db8::1]:80",
    ],
    [
      "what its SOCKS proxy is for",
      { bad: { ssh: "-L 43234:db:5432", refused: true }, socks: { ssh: "-D 1080", targets: ["web:80"] } },
      "PermitOpen web:80",
    ],
    [
      "no target of other accounts, of -R, or of what must be refused as well",
      {
        bad: { ssh: "-L 43234:db:5432", refused: true },
        other: { ssh: "-L 8080:web:80", account: "bob" },
        remote: { ssh: "-R 8080:web:80" },
        also: { ssh: "-L 8081:also:80", refused: true },
      },
      "PermitOpen none",
    ],
    [
      "the next host of a way that leads through the server",
      {
        bad: { ssh: "-L 43234:db:5432", refused: true },
        way: { ssh: "-J tunnel@bastion -R 8080:localhost:80 alice@inner", account: "alice", jump: ["server"] },
        others: { ssh: "-J carol@bastion -R 8081:localhost:80 alice@elsewhere", account: "alice", jump: ["server"] },
      },
      "PermitOpen inner:22",
    ],
    [
      "its other listeners",
      { bad: { ssh: "-R :43234:localhost:80", refused: true }, web: { ssh: "-R :8080:web:80" }, local: { ssh: "-L 8081:db:80" } },
      "PermitListen 8080",
    ],
    ["no socket", { bad: { ssh: "-R /run/x.sock:localhost:80", refused: true } }, "AllowStreamLocalForwarding no"],
    [
      "sockets as targets",
      { bad: { ssh: "-R /run/x.sock:localhost:80", refused: true }, sock: { ssh: "-L 8080:/run/docker.sock" } },
      "AllowStreamLocalForwarding local",
    ],
  ])("is shut for the account, which keeps %s", (_, forwards, setting) => {
    expect(settings(forwards)).toEqual([forTunnel(setting)]);
  });

  test.each([
    ["PermitOpen", "web:80 db:5432", "-L 43234:db:5432", "PermitOpen web:80"],
    ["PermitOpen", "db:5432", "-L 43234:db:5432", "PermitOpen none"],
    ["PermitOpen", "db:* web:80", "-L 43234:db:5432", "PermitOpen web:80"],
    ["PermitListen", "8080 43234 localhost:43234", "-R :43234:localhost:80", "PermitListen 8080 localhost:43234"],
  ])("%s %s loses the entries that name %s", (keyword, value, ssh, line) => {
    const grantedBy = { keyword: keyword.toLowerCase(), value, file: "sshd_config", line: 1 };
    const [first, second] = settings({ bad: { ssh, refused: true, grantedBy } }, `${keyword} ${value}\n`);
    expect(first).toBe(`${line}\n`);
    expect(second).toBe(forTunnel(`${keyword} none`));
  });
});

const dropped =
  (rule: string, file: string, line: number, direction: PacketDecision["direction"] = "request") =>
  (cell: Cell) =>
    cell.vantage === "campus" && cell.family === (file.endsWith("v6") || rule.startsWith("ip6 ") ? 6 : 4)
      ? from(
          cell,
          probe(cell, {
            verdict: "filtered",
            evidence: {},
            decision: { at: "server", kind: "host", action: "drop", direction, rule, file, line },
          }),
        )
      : asItShouldBe(cell);

describe("a firewall that keeps the right ones out", () => {
  const dump = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT\nCOMMIT\n";

  test("ufw with IPV6=no: its rules for IPv6 count instead, the user's own, or one more", () => {
    const file = "etc/default/ufw";
    const rules = "*filter\n:ufw6-user-input - [0:0]\n### RULES ###\n\n### END RULES ###\nCOMMIT\n";
    const added =
      "### tuple ### allow tcp 43234 ::/0 any 2001:db8::6 in\n-A ufw6-user-input -p tcp --dport 43234 -s 2001:db8::6 -j ACCEPT\n\n";
    const files = { [file]: "IPV6=no\n", "etc/ufw/user6.rules": rules };
    expect(proposed({ see: dropped("ip6 filter INPUT policy drop", file, 1), files })).toEqual([
      { code: "set-ufw-ipv6", [file]: "IPV6=yes\n" },
      { code: "set-ufw-ipv6", [file]: "IPV6=yes\n", "etc/ufw/user6.rules": rules.replace("### END", `${added}### END`) },
    ]);
  });

  test("a dump takes iptables' words, before the rule and in its family", () => {
    expect(proposed({ see: dropped("ip filter INPUT -j REJECT", "rules.v4", 4), files: { "rules.v4": dump } })).toEqual([
      {
        code: "accept-before",
        "rules.v4": dump.replace(
          "-A INPUT -j REJECT",
          "-A INPUT -s 192.0.2.6/32 -p tcp -m tcp --dport 43234 -j ACCEPT\n-A INPUT -j REJECT",
        ),
      },
    ]);
    expect(proposed({ see: dropped("ip6 filter INPUT -j REJECT", "rules.v6", 4), files: { "rules.v6": dump } })).toEqual([
      {
        code: "accept-before",
        "rules.v6": dump.replace(
          "-A INPUT -j REJECT",
          "-A INPUT -s 2001:db8::6/128 -p tcp -m tcp --dport 43234 -j ACCEPT\n-A INPUT -j REJECT",
        ),
      },
    ]);
  });

  test("a chain's policy: after the table's last rule", () => {
    const open = dump.replace("-A INPUT -j REJECT\n", "");
    expect(
      proposed({ see: dropped("ip filter INPUT policy drop", "rules.v4", 2), files: { "rules.v4": `${open}*nat\nCOMMIT\n` } }),
    ).toEqual([
      {
        code: "accept-before",
        "rules.v4": `${open.replace("COMMIT", "-A INPUT -s 192.0.2.6/32 -p tcp -m tcp --dport 43234 -j ACCEPT\nCOMMIT")}*nat\nCOMMIT\n`,
      },
    ]);
  });

  test("the user's own accept comes too late: it moves", () => {
    const own = "-A INPUT -p tcp -m state --state NEW -m tcp --dport 43234 -j ACCEPT";
    const late = dump.replace("-A INPUT -j REJECT\n", `-A INPUT -j REJECT\n${own}\n`);
    expect(proposed({ see: dropped("ip filter INPUT -j REJECT", "rules.v4", 4), files: { "rules.v4": late } })[0]).toEqual({
      code: "move-accept",
      "rules.v4": dump.replace("-A INPUT -j REJECT", `${own}\n-A INPUT -j REJECT`),
    });
  });

  test("an accept that comes too late stays where it is if it opens other ports as well", () => {
    for (const ports of ["-m multiport --dports 22,43234", "-m tcp --dport 43000:44000", "-m multiport --dports 43234,5900"]) {
      const late = dump.replace("-A INPUT -j REJECT\n", `-A INPUT -j REJECT\n-A INPUT -p tcp ${ports} -j ACCEPT\n`);
      expect(proposed({ see: dropped("ip filter INPUT -j REJECT", "rules.v4", 4), files: { "rules.v4": late } })).toEqual([
        {
          code: "accept-before",
          "rules.v4": late.replace(
            "-A INPUT -j REJECT",
            "-A INPUT -s 192.0.2.6/32 -p tcp -m tcp --dport 43234 -j ACCEPT\n-A INPUT -j REJECT",
          ),
        },
      ]);
    }
    const alone = dump.replace("-A INPUT -j REJECT\n", "-A INPUT -j REJECT\n-A INPUT -p tcp -m multiport --dports 43234 -j ACCEPT\n");
    const [first] = proposed({ see: dropped("ip filter INPUT -j REJECT", "rules.v4", 4), files: { "rules.v4": alone } });
    expect(first?.code).toBe("move-accept");
  });

  test.each([
    [
      "rules.v6",
      "ip6 filter INPUT -j REJECT",
      "-A INPUT -j REJECT\n",
      "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT\n-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT\n",
      "-A INPUT -s 2001:db8::6/128 -p tcp -m tcp --dport 43234 -j ACCEPT\n",
    ],
    [
      "all.v6",
      "inet filter input reject",
      "\treject\n",
      "\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n",
      "\tip6 saddr 2001:db8::6 tcp dport 43234 accept\n",
    ],
  ])("the request for the link-layer address is let in over IPv6, then the visitor as well (%s)", (file, rule, line, added, visitor) => {
    const text = `first\n${line}last\n`;
    expect(proposed({ see: dropped(rule, file, 2, "neighbour"), files: { [file]: text } })).toEqual([
      { code: "accept-before", [file]: text.replace(line, `${added}${line}`) },
      { code: "accept-before", [file]: text.replace(line, `${added}${visitor}${line}`) },
    ]);
    expect(proposed({ see: dropped("arp filter input reject", "arp.v4", 2, "neighbour"), files: { "arp.v4": text } })).toEqual([]);
  });

  test.each<[string, rule: string, PacketDecision["direction"], violations: number]>([
    ["one policy that drops the packet over both takes one change", "inet filter input policy drop", "request", 1],
    ["over IPv6 the request for the address: two", "inet filter input policy drop", "neighbour", 2],
    ["one line that stands for the policies of two families: two", "ip6 filter INPUT policy drop", "request", 2],
  ])("%s", (_, six, direction, count) => {
    const see = (cell: Cell) => {
      const four = dropped(six.replace("ip6", "ip"), "f.v4", 2)(cell);
      return four.verdict === "filtered" ? four : dropped(six, "f.v6", 2, direction)(cell);
    };
    const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["campus", "other-lan"] } });
    const cells = cellsOf(labSpecOf(policy), [{ forward: "rdp", host: "server", port: 43234 }]);
    const sameFile = (cell: Cell) => {
      const { decision, ...seen } = see(cell);
      return decision ? { ...seen, decision: { ...decision, file: "nftables.conf" } } : seen;
    };
    const result = judged(sameFile, { policy, cells, outcomes: [outcomeOf("rdp", { ssh: "-R :43234:localhost:3389" })] });
    const violated = violationsOf(result).filter(({ cells: [cell] }) => cell?.vantage === "campus");
    expect(violated).toHaveLength(count);
    expect(violated.flatMap(({ cells: each }) => each.map(({ family }) => family))).toEqual([4, 6]);
  });

  test("the answer is let out", () => {
    const out = "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -o eth0 -j DROP\nCOMMIT\n";
    expect(proposed({ see: dropped("ip filter OUTPUT -o eth0 -j DROP", "rules.v4", 3, "reply"), files: { "rules.v4": out } })).toEqual([
      {
        code: "accept-before",
        "rules.v4": out.replace("-A OUTPUT -o", "-A OUTPUT -d 192.0.2.6/32 -p tcp -m tcp --sport 43234 -j ACCEPT\n-A OUTPUT -o"),
      },
    ]);
  });

  test.each([
    ["ip filter INPUT -j REJECT", "rules.v4", 4, dump, "-A INPUT -j REJECT", "-A INPUT -p tcp -m tcp --dport 43234 -j ACCEPT\n"],
    ["inet filter input reject", "nftables.conf", 2, "chain input {\n  reject\n}\n", "  reject", "  tcp dport 43234 accept\n"],
    ["inet filter input reject", "only.v6", 2, "chain input {\n  reject\n}\n", "  reject", "  meta nfproto ipv6 tcp dport 43234 accept\n"],
    ["ip6 filter input reject", "only.v6", 2, "chain input {\n  reject\n}\n", "  reject", "  tcp dport 43234 accept\n"],
  ])("strangers are meant: no rule for the address of one of them comes first (%s, %s)", (rule, file, line, text, before, added) => {
    const decision = { at: "server", kind: "host" as const, action: "reject" as const, direction: "request" as const, rule, file, line };
    const family = /\.v([46])$/.exec(file)?.[1];
    const see = (cell: Cell) =>
      cell.vantage === "internet" && (family ?? String(cell.family)) === String(cell.family)
        ? from(cell, probe(cell, { verdict: "filtered", evidence: {}, decision }))
        : reached(cell);
    const [first, ...others] = proposed({ reachable: ["anyone"], see, files: { [file]: text } });
    expect(first).toEqual({ code: "accept-before", [file]: text.replace(before, `${added}${before}`) });
    expect(others.map(({ code }) => code)).toEqual(["accept-before"]);
  });

  test.each([
    ["inet f i ip saddr 192.0.2.0/24 drop", "f.nft", "ip saddr 192.0.2.0/24 drop", "ip saddr 192.0.2.0/24 tcp dport 43234 accept"],
    [
      "ip filter INPUT -s 192.0.2.0/24 -j DROP",
      "f.v4",
      "-A INPUT -s 192.0.2.0/24 -j DROP",
      "-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 43234 -j ACCEPT",
    ],
    ["inet f i ip saddr != 10.0.0.0/8 drop", "f.nft", "ip saddr != 10.0.0.0/8 drop", "meta nfproto ipv4 tcp dport 43234 accept"],
    [
      "ip filter INPUT ! -s 10.0.0.0/8 -j DROP",
      "f.v4",
      "-A INPUT ! -s 10.0.0.0/8 -j DROP",
      "-A INPUT -p tcp -m tcp --dport 43234 -j ACCEPT",
    ],
  ])(
    "strangers whose network a rule names: first a rule for that network, unless it names whom it spares (%s)",
    (rule, file, line, added) => {
      const decision = { at: "server", kind: "host" as const, action: "drop" as const, direction: "request" as const, rule, file, line: 2 };
      const see = (cell: Cell) =>
        cell.vantage === "internet" && cell.family === 4
          ? from(cell, probe(cell, { verdict: "filtered", evidence: {}, decision }))
          : reached(cell);
      const text = `*filter\n${line}\nCOMMIT\n`;
      const [first] = proposed({ reachable: ["anyone"], see, files: { [file]: text } });
      expect(first).toEqual({ code: "accept-before", [file]: text.replace(line, `${added}\n${line}`) });
    },
  );

  const accept = "ip saddr 192.0.2.6 tcp dport 43234 accept";
  const block =
    "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport 22 accept\n\t\treject\n\t}\n}\n";
  test.each([
    ["inside a block, before the rule", "inet filter input reject", 5, block, block.replace("\t\treject", `\t\t${accept}\n\t\treject`)],
    ["inside a block, at its end", "inet filter input policy drop", 3, block, block.replace("\t\treject\n", `\t\treject\n\t\t${accept}\n`)],
    [
      "a chain on one line",
      "inet filter input policy drop",
      1,
      "table inet filter { chain input { type filter hook input priority 0; policy drop; iif lo accept; }; }\n",
      `table inet filter { chain input { type filter hook input priority 0; policy drop; iif lo accept; ${accept}; }; }\n`,
    ],
    [
      "as commands, before the rule",
      "inet filter input drop",
      2,
      "add chain inet filter input { type filter hook input priority 0; }\nadd rule inet filter input drop\n",
      `add chain inet filter input { type filter hook input priority 0; }\nadd rule inet filter input ${accept}\nadd rule inet filter input drop\n`,
    ],
    [
      "as commands, the policy decided",
      "inet filter input policy drop",
      1,
      "add chain inet filter input { type filter hook input priority 0 ; policy drop ; }\nadd rule inet filter input tcp dport 22 accept\n",
      `add chain inet filter input { type filter hook input priority 0 ; policy drop ; }\nadd rule inet filter input tcp dport 22 accept\nadd rule inet filter input ${accept}\n`,
    ],
  ])("nft %s", (_, rule, line, text, changed) => {
    expect(proposed({ see: dropped(rule, "nftables.conf", line), files: { "nftables.conf": text } })).toEqual([
      { code: "accept-before", "nftables.conf": changed },
    ]);
  });
});

describe("somebody gets in who must not", () => {
  const admitted = (rule: string, file: string, line: number) => (cell: Cell) => {
    const open = { ...from(cell, reached(cell)), admission: { rule, file, line } };
    return ["campus", "other-lan"].includes(cell.vantage) || (cell.vantage === "internet" && cell.family === 4) ? open : asItShouldBe(cell);
  };

  test("the firewall's accept is narrowed as well where sshd listens on more than ssh asked for", () => {
    const text = "table inet filter {\n\tchain input {\n\t\ttcp dport 43234 accept\n\t}\n}\n";
    const rule = "inet filter input tcp dport 43234 accept";
    const widened = (line?: number) =>
      proposed({
        ssh: "-R 43234:localhost:3389",
        see: (cell) => {
          const { admission, ...open } = admitted(rule, "nftables.conf", 3)(cell);
          return { ...open, ...(admission && line !== undefined ? { admission: { ...admission, line } } : {}) };
        },
        outcome: { effective: gateway("yes", { file: "sshd_config", line: 1 }) },
        files: { "nftables.conf": text, sshd_config: "GatewayPorts yes\n" },
      }).map(({ code }) => code);
    expect(widened(3)).toEqual(["narrow-accept", "drop-before"]);
    expect(widened()).toEqual([]);
  });

  test("of firewalld: in a zone that holds none of those who may connect, the port goes; elsewhere it is theirs", () => {
    const port = '  <port port="43234" protocol="tcp"/>\n';
    const zoneOf = (source: string) => `<zone>\n${port}  <source address="${source}"/>\n</zone>\n`;
    const file = "etc/firewalld/zones/map.xml";
    const offered = (text: string) =>
      proposed({ see: admitted("inet firewalld filter_IN_map_allow tcp dport 43234 accept", file, 2), files: { [file]: text } });
    const [first] = offered(zoneOf("203.0.113.0/24"));
    expect(first).toEqual({ code: "remove-rule", [file]: zoneOf("203.0.113.0/24").replace(port, "") });
    // Campus is seen as 192.0.2.6, and over IPv6 in another zone.
    const [own] = offered(zoneOf("192.0.2.0/28"));
    expect(own).toMatchObject({
      code: "narrow-accept",
      [file]: expect.stringContaining('<rule family="ipv4"><source address="192.0.2.6"/>'),
    });
    expect(own?.[file as keyof typeof own]).not.toContain("ipv6");
  });

  test("the accept that is the culprit is narrowed, in nft for both families", () => {
    const text = "table inet filter {\n\tchain input {\n\t\ttcp dport 43234 accept\n\t}\n}\n";
    const result = proposed({
      see: admitted("inet filter input tcp dport 43234 accept", "nftables.conf", 3),
      files: { "nftables.conf": text },
    });
    expect(result.map(({ code }) => code)).toEqual(["narrow-accept", "drop-before"]);
    expect(result[0]?.["nftables.conf" as keyof (typeof result)[0]]).toBe(
      text.replace(
        "\t\ttcp dport 43234 accept",
        "\t\tip saddr { 192.0.2.6, 192.0.2.9 } tcp dport 43234 accept\n\t\tip6 saddr { 2001:db8::6, 2001:db8::9 } tcp dport 43234 accept",
      ),
    );
  });

  test("nobody is to connect: a rule for this port alone goes first, then ssh asks for less; one about more ports stays", () => {
    const text = "table inet filter {\n\tchain input {\n\t\ttcp dport 43234 accept\n\t}\n}\n";
    const offered = (ports: string) =>
      proposed({
        reachable: [],
        see: (cell) => ({
          ...from(cell, reached(cell)),
          admission: { rule: `inet filter input tcp dport ${ports} accept`, file: "nftables.conf", line: 3 },
        }),
        files: { "nftables.conf": text.replace("43234", ports) },
      }).map(({ code }) => code);
    expect(offered("43234")).toEqual(["remove-accept", "drop-bind-address", "drop-before"]);
    expect(offered("{ 22, 43234 }")).toEqual(["drop-bind-address", "drop-before"]);
  });

  test("a rule about more than this port stays; the port is decided before it", () => {
    const text = "*filter\n-A INPUT -p tcp -m multiport --dports 22,43234 -j ACCEPT\nCOMMIT\n";
    const rule = "ip filter INPUT -p tcp -m multiport --dports 22,43234 -j ACCEPT";
    expect(proposed({ see: admitted(rule, "rules.v4", 2), files: { "rules.v4": text } })).toEqual([
      {
        code: "drop-before",
        "rules.v4": text.replace(
          "-A INPUT",
          [
            "-A INPUT -s 192.0.2.6/32 -p tcp -m tcp --dport 43234 -j ACCEPT",
            "-A INPUT -s 192.0.2.9/32 -p tcp -m tcp --dport 43234 -j ACCEPT",
            "-A INPUT -p tcp -m tcp --dport 43234 -j DROP",
            "-A INPUT",
          ].join("\n"),
        ),
      },
    ]);
  });

  test.each([
    [
      "nftables.conf",
      "inet nat dstnat tcp dport 43234 redirect to :8443",
      "\ttcp  dport 43234 redirect to :8443; # https",
      "tcp dport { 43234 } counter",
    ],
    [
      "rules.v4",
      "ip nat PREROUTING -p tcp --dport 43234 -j REDIRECT --to-ports 8443",
      "-A PREROUTING -p tcp --dport 43234 -j REDIRECT --to-ports 8443",
      "",
    ],
  ])("another port is led to the forward by a rule in %s, whatever accepts it then", (file, rule, line, other) => {
    const admission = { rule: "inet filter input ct status dnat accept", file, line: 1 };
    const see = (cell: Cell) => ({ ...from(cell, reached(cell)), admission, translation: { rule, file, line: 2 } });
    const outcome = { requested: ":8443", listeners: ["0.0.0.0:8443", "[::]:8443"] };
    const remedies = (text: string) => proposed({ ssh: "-R :8443:localhost:3389", reachable: [], see, outcome, files: { [file]: text } });
    const narrower = { code: "drop-bind-address", "policy.yaml": policyText("-R 8443:localhost:3389") };
    expect(remedies(`a\n${line}\nb\n`)).toEqual([{ code: "remove-redirect", [file]: "a\nb\n" }, narrower]);
    expect(remedies(`a\n${other}\nb\n`)).toEqual([narrower]);
  });

  test("anybody else may connect: only those who may not are kept out", () => {
    const text = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
    const admission = { rule: "ip filter INPUT policy accept", file: "rules.v4", line: 2 };
    const see = (cell: Cell) => (cell.family === 4 ? { ...from(cell, reached(cell)), admission } : asItShouldBe(cell));
    const reachable = ["campus", "internet", { vantage: "other-lan", family: 6 as const }];
    expect(proposed({ reachable, see, files: { "rules.v4": text } })).toEqual([
      {
        code: "drop-before",
        "rules.v4": text.replace(
          "COMMIT",
          "-A INPUT -s 192.0.2.8/32 -p tcp -m tcp --dport 43234 -j DROP\n-A INPUT -s 192.0.2.9/32 -p tcp -m tcp --dport 43234 -j DROP\nCOMMIT",
        ),
      },
    ]);
  });

  test.each([
    [
      "rules.v4",
      "ip filter INPUT -s 192.0.2.0/24 -p tcp --dport 43234 -j ACCEPT",
      "-A INPUT -s 192.0.2.0/24 -p tcp --dport 43234 -j ACCEPT",
    ],
    ["nftables.conf", "inet filter input ip saddr 192.0.2.0/24 tcp dport 43234 accept", "\tip saddr 192.0.2.0/24 tcp dport 43234 accept"],
  ])("a rule in %s that names its visitors may go", (file, rule, line) => {
    const text = `*filter\n${line}\nCOMMIT\n`;
    const remedies = proposed({ see: admitted(rule, file, 2), files: { [file]: text } });
    expect(remedies[0]).toEqual({ code: "remove-rule", [file]: "*filter\nCOMMIT\n" });
    const ports = line.replace(/(--)?dport 43234/, file === "rules.v4" ? "-m multiport --dports 22,43234" : "dport { 22, 43234 }");
    const more = proposed({ see: admitted(rule, file, 2), files: { [file]: `*filter\n${ports}\nCOMMIT\n` } });
    expect(more.map(({ code }) => code)).not.toContain("remove-rule");
  });

  test.each([
    ["-g -L 43234:db:5432", "-L 43234:db:5432"],
    ["-fNg -L 43234:db:5432", "-fN -L 43234:db:5432"],
    ["-oLogLevel=debug -N -g -L 43234:db:5432", "-oLogLevel=debug -N -L 43234:db:5432"],
  ])("ssh %s need not listen for others", (ssh, without) => {
    const outcome = { kind: "local" as const, listensOn: "home", requested: "43234" };
    const remedies = proposed({ ssh, reachable: ["home"], listensOn: "home", see: reached, outcome, files: {} });
    expect(remedies).toEqual([{ code: "drop-gateway-option", "policy.yaml": policyText(without) }]);
  });

  test("nobody else is meant: it need not listen for others", () => {
    expect(proposed({ reachable: [{ vantage: "server", is: "reachable" }], see: reached, files: { sshd_config: "" } })).toEqual([
      { code: "drop-bind-address", "policy.yaml": policyText("-R 43234:localhost:3389") },
    ]);
    const yes = { requested: "43234", effective: gateway("yes", { file: "sshd_config", line: 1 }) };
    expect(
      proposed({
        ssh: "-R 43234:localhost:3389",
        reachable: ["server"],
        see: reached,
        outcome: yes,
        files: { sshd_config: "GatewayPorts yes\n" },
      }),
    ).toEqual([{ code: "set-setting", sshd_config: "GatewayPorts clientspecified\n" }]);
  });
});

test("of neighbours' link-local addresses all are kept out: which ones they have, only the lab knows", () => {
  const rule = (text: string) => `*filter\n:INPUT DROP [0:0]\n${text}-A INPUT -s fe80::/10 -j ACCEPT\nCOMMIT\n`;
  const admission = { rule: "ip6 filter INPUT -s fe80::/10 -j ACCEPT", file: "rules.v6", line: 3 };
  const inside = (cell: Cell) =>
    probe(cell, { verdict: "reached", admission, evidence: { ...reached(cell).evidence, seenAs: "fe80::20" } });
  const others = (cell: Cell) => (cell.vantage === "internet" ? reached(cell) : filtered(cell));
  const see = (cell: Cell) => (cell.target.includes("%") ? inside(cell) : others(cell));
  expect(proposed({ reachable: ["internet"], linkLocal: true, see, files: { "rules.v6": rule("") } })).toEqual([
    { code: "drop-before", "rules.v6": rule("-A INPUT -s fe80::/10 -p tcp -m tcp --dport 43234 -j DROP\n") },
  ]);
});

describe("whether a change mends", () => {
  const before = judged((cell) => (cell.vantage === "campus" ? filtered(cell) : asItShouldBe(cell)));
  const [violation] = violationsOf(before);
  const mended = (see: (cell: Cell) => ProbeResult | undefined) => violation && mends(before, judged(see), violation);

  test("a port that is led to the forward no more is not looked at any more", () => {
    const cells = cellsOf(labSpecOf(policyOf({ rdp: { ssh: "", reachable_from: [] } })), [{ forward: "rdp", host: "server", port: 443 }]);
    const moved = judged(reached, { policy: policyOf({ rdp: { ssh: "-R :43234:h:1", reachable_from: [] } }), cells });
    const [open] = violationsOf(moved);
    expect(open && mends(moved, { ...moved, cells: [] }, open)).toBe(true);
    expect(violation && mends(before, { ...before, cells: [] }, violation)).toBe(false);
  });

  test("a link-local address that no rule tells from others any more is closed where those are", () => {
    const policy = policyOf({ rdp: { ssh: "-R :43234:h:1", reachable_from: ["internet"] } });
    const cells = cellsOf(labSpecOf(policy), [{ forward: "rdp", host: "server", port: 43234, linkLocal: "everywhere" }]);
    const others = cells.filter(({ target }) => !target.includes("%"));
    const see = (cell: Cell) => (cell.vantage === "internet" || cell.target.includes("%") ? reached(cell) : filtered(cell));
    const open = judged(see, { policy, cells });
    const [inside] = violationsOf(open);
    const mendedBy = (seen: (cell: Cell) => ProbeResult, of = others) => inside && mends(open, judged(seen, { policy, cells: of }), inside);
    expect(inside?.cells.map(({ target }) => target)).toEqual(["[fe80::10%eth0]:43234"]);
    expect(mendedBy(see)).toBe(true);
    expect(mendedBy(see, cells)).toBe(false);
    expect(mendedBy(reached)).toBe(false);
    expect(inside && mends(open, { ...open, cells: [] }, inside)).toBe(false);
  });

  test("all of the violation, and nothing else changed for the worse", () => {
    expect(mended(asItShouldBe)).toBe(true);
  });

  test("what was tried stands on the cells that it is about, with the patch, or says that nothing helped", () => {
    const candidate = { code: "add-leading-colon", params: { listener: ":43234" }, edits: [] };
    const trial = { violation: violation as Violation, tried: 2 };
    const remedies = (result: typeof before) => result.cells.flatMap(({ vantage, remedy }) => (remedy ? [[vantage, remedy]] : []));
    const found = worded(withRemedies(before, [{ ...trial, found: { changes: [candidate], patch: "--- a/x\n" } }]));
    expect(resultSchema.parse(found)).toEqual(found);
    const text = "put a colon before the port: `:43234:…`";
    const remedy = { summary: { code: "add-leading-colon", params: { listener: ":43234" }, text }, patch: "--- a/x\n", tried: true };
    expect(remedies(found)).toEqual([
      ["campus", remedy],
      ["campus", remedy],
    ]);
    for (const [more, code] of [
      [{}, "no-single-change"],
      [{ cut: true }, "no-change-found-in-time"],
    ] as const)
      expect(remedies(worded(withRemedies(before, [{ ...trial, ...more }])))[0]?.[1]).toMatchObject({ summary: { code }, patch: null });
    expect(remedies(before)).toEqual([]);
    expect(sentenceFor({ code: "no-change-found-in-time", params: { tried: 0 } })).toBe("no change was tried: time ran out");
  });

  test("where nothing helps, what comes nearest is told with its harm", () => {
    const after = judged((cell) => (cell.vantage === "other-lan" && cell.family === 6 ? filtered(cell) : reached(cell)));
    const harm = harmOf(before, after, violation as Violation);
    expect(harmOf(before, before, violation as Violation)).toBeUndefined();
    const candidate = { code: "add-leading-colon", params: { listener: ":43234" }, edits: [] };
    const trial = { violation: violation as Violation, tried: 1, nearest: { candidate, harm: harm as Harm } };
    const told = worded(withRemedies(before, [trial]));
    expect(resultSchema.parse(told)).toEqual(told);
    const remedy = told.cells.find((cell) => cell.remedy)?.remedy as Remedy;
    expect(remedyText(remedy)).toBe(
      "the only change tried does not fix this without harm; the nearest also lets others in (rdp: home-lan and internet) and breaks another expectation (rdp: other-lan over IPv6): put a colon before the port: `:43234:…`",
    );
    const mending = worded(withRemedies(before, [{ ...trial, found: { changes: [candidate], patch: "" } }]));
    expect(mending.cells.find((cell) => cell.remedy)?.remedy).not.toHaveProperty("nearest");
  });

  test("a forward that is refused at last has no cells to be asked any more, others have", () => {
    const policy = policyOf({ socks: { ssh: "-R 43234", refused_by_server: true }, rdp: { ssh: "-R :43235:localhost:3389" } });
    const cells = cellsOf(labSpecOf(policy), [
      { forward: "socks", host: "server", port: 43234 },
      { forward: "rdp", host: "server", port: 43235 },
    ]);
    const socks = outcomeOf("socks", { kind: "remote-dynamic" });
    const rdp = outcomeOf("rdp", { listeners: ["0.0.0.0:43235"] });
    const seen = (outcomes: ForwardOutcome[], kept: Cell[]) =>
      judged(refused, { policy, selected: ["socks", "rdp"], outcomes, cells: kept });
    const granted = seen([socks, rdp], cells);
    const [violated] = violationsOf(granted);
    const refusedAtLast = { ...socks, granted: false, serverAnswer: "refused" as const };
    const without = (name: string) => cells.filter(({ forward }) => forward !== name);
    expect(violated?.wants).toBe("refuse");
    expect(mends(granted, seen([refusedAtLast, rdp], without("socks")), violated as Violation)).toBe(true);
    expect(mends(granted, seen([refusedAtLast, rdp], without("rdp")), violated as Violation)).toBe(false);
    expect(mends(granted, granted, violated as Violation)).toBe(false);
  });

  test("not where it takes away the listener that somebody needs who should get in, and whom a firewall still keeps out", () => {
    const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [{ vantage: "campus", family: 4 }] } });
    const cells = cellsOf(labSpecOf(policy), [{ forward: "rdp", host: "server", port: 43234 }]).filter(
      ({ vantage }) => vantage === "campus",
    );
    const seen = (listeners: string[], see: (cell: Cell) => ProbeResult) =>
      judged((cell) => (cell.family === 4 ? filtered(cell) : see(cell)), { policy, cells, outcomes: [outcomeOf("rdp", { listeners })] });
    const open = seen(["0.0.0.0:43234", "[::]:43234"], reached);
    const overIpv6 = violationsOf(open).find(({ cells: [cell] }) => cell?.family === 6) as Violation;
    expect(mends(open, seen(["0.0.0.0:43234", "[::]:43234"], filtered), overIpv6)).toBe(true);
    expect(mends(open, seen(["0.0.0.0:43234"], refused), overIpv6)).toBe(true);
    expect(mends(open, seen(["127.0.0.1:43234", "[::1]:43234"], refused), overIpv6)).toBe(false);
  });

  test("not where it stays, opens the port to somebody else, or proves less than before", () => {
    expect(mended((cell) => (cell.vantage === "campus" && cell.family === 6 ? filtered(cell) : asItShouldBe(cell)))).toBe(false);
    expect(mended((cell) => (cell.vantage === "internet" ? reached(cell) : asItShouldBe(cell)))).toBe(false);
    expect(mended((cell) => (cell.vantage === "internet" ? undefined : asItShouldBe(cell)))).toBe(false);
    expect(mended((cell) => (cell.vantage === "other-lan" ? filtered(cell) : asItShouldBe(cell)))).toBe(false);
  });
});
