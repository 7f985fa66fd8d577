/** Small changes of the user's own lines, in each dialect. */
import { describe, expect, test } from "vitest";
import { linesOf } from "../../../../harness/judgement/remedies/candidate.ts";
import { type MutableRule, mutationsOf, restricts } from "../../../../harness/judgement/review/mutations.ts";
import { sshdConfigFromText } from "../../../../harness/openssh/sshd-config.ts";
import { statedLogins } from "../../../../harness/openssh/stated-logins.ts";
import { policyOf } from "../sample.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

interface Given {
  rules?: MutableRule[];
  config?: string;
  keys?: string;
  firewall?: string;
}

async function mutations({ rules = [], config = "", keys = "", firewall = "" }: Given) {
  const { logins } = statedLogins({ authorizedKeys: [{ text: keys, display: "keys" }] });
  const files = { sshd_config: config, keys, firewall };
  const { lines } = await sshdConfigFromText(config);
  const inputs = { policy: policyOf({}), policyFile: "policy.yaml", sshdConfig: "sshd_config", files };
  return mutationsOf({ rules, config: lines, logins }, inputs);
}

/** Of one line of a firewall: what stands there instead, "" where it is gone. */
async function instead(line: string, { kind = "rule" as MutableRule["kind"], text = line.trim() } = {}): Promise<string[]> {
  const rule = { family: "inet", table: "filter", chain: "input", kind, file: "firewall", line: 1, text };
  return (await mutations({ rules: [rule], firewall: `${line}\n` })).map((each) => each.instead);
}

describe("a rule of nft: gone, with the opposite verdict, and without each element of its lists", () => {
  test.each([
    ["tcp dport 22 accept", ["", "tcp dport 22 drop"]],
    ["tcp dport 22 drop", ["", "tcp dport 22 accept"]],
    ["tcp dport 22 counter reject", ["", "tcp dport 22 counter accept"]],
    ["tcp dport 22 reject with tcp reset", ["", "tcp dport 22 accept"]],
    ["reject with icmpx type admin-prohibited", ["", "accept"]],
    ['log prefix "drop " drop', ["", 'log prefix "drop " accept']],
    ['accept comment "drop, or reject { a, b }"', ["", 'drop comment "drop, or reject { a, b }"']],
    ["tcp dport 22 jump ssh", [""]],
    ["tcp dport { 22, 80 } accept", ["", "tcp dport { 22, 80 } drop", "tcp dport { 80 } accept", "tcp dport { 22 } accept"]],
    ["tcp dport {22,80-90} accept", ["", "tcp dport {22,80-90} drop", "tcp dport {80-90} accept", "tcp dport {22} accept"]],
    ["tcp dport { 22 } accept", ["", "tcp dport { 22 } drop"]],
    [
      "ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport { 22, 80 } accept",
      [
        "",
        "ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport { 22, 80 } drop",
        "ip saddr { 10.0.0.2 } tcp dport { 22, 80 } accept",
        "ip saddr { 10.0.0.1 } tcp dport { 22, 80 } accept",
        "ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport { 80 } accept",
        "ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport { 22 } accept",
      ],
    ],
    [
      "tcp dport 22 jump { ip saddr { 10.0.0.1, 10.0.0.2 } accept; }",
      expect.arrayContaining(["tcp dport 22 jump { ip saddr { 10.0.0.2 } accept; }"]),
    ],
    ["tcp dport vmap { 22 : accept, 80 : drop }", ["", "tcp dport vmap { 22 : accept, 80 : accept }"]],
    ["dnat to tcp dport map { 80: 10.0.0.1, 81: 10.0.0.2 }", [""]],
    ["ip6 saddr { 2001:db8::, ::1 } accept", expect.arrayContaining(["ip6 saddr { ::1 } accept", "ip6 saddr { 2001:db8:: } accept"])],
    ["ct state established,related accept", ["", "ct state established,related drop"]],
  ])("%s", async (line, expected) => {
    expect(await instead(`    ${line}`)).toEqual(expected);
  });

  test("a comment at the end of the line decides nothing", async () => {
    const line = "    tcp dport 22 accept # drop { a, b } later";
    expect(await instead(line, { text: "tcp dport 22 accept" })).toEqual(["", "tcp dport 22 drop # drop { a, b } later"]);
  });

  test("as a command; not where the line has more than the rule", async () => {
    const text = "tcp dport 22 accept";
    expect(await instead(`add rule inet filter input ${text}`, { text })).toEqual(["", "add rule inet filter input tcp dport 22 drop"]);
    expect(await instead(`${text}; udp dport 53 accept`, { text })).toEqual([]);
    expect(await instead("tcp dport {", { text: "tcp dport { 22, 80 } accept" })).toEqual([]);
  });

  test("the policy of a chain, reversed", async () => {
    const line = "  type filter hook input priority filter; policy drop;";
    const policy = { kind: "policy" as const };
    expect(await instead(line, policy)).toEqual(["type filter hook input priority filter; policy accept;"]);
    expect(await instead(line.replace("policy drop;", ""), policy)).toEqual([]);
  });
});

describe("a line of a dump", () => {
  test.each([
    ["-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", ["", "-A INPUT -p tcp -m tcp --dport 22 -j DROP"]],
    ["[3:180] -A INPUT -j REJECT --reject-with tcp-reset", ["", "[3:180] -A INPUT -j ACCEPT"]],
    ["-A INPUT -j DROP -p tcp", ["", "-A INPUT -j ACCEPT -p tcp"]],
    ["-A INPUT -m comment --comment issue#12 -j ACCEPT", ["", "-A INPUT -m comment --comment issue#12 -j DROP"]],
    ['-A INPUT -m comment --comment "then -j DROP" -j ACCEPT', ["", '-A INPUT -m comment --comment "then -j DROP" -j DROP']],
    ["-A INPUT -p tcp -j ssh", [""]],
    [
      "-A INPUT -p tcp -m multiport --dports 22,80:90 -j ACCEPT",
      [
        "",
        "-A INPUT -p tcp -m multiport --dports 22,80:90 -j DROP",
        "-A INPUT -p tcp -m multiport --dports 80:90 -j ACCEPT",
        "-A INPUT -p tcp -m multiport --dports 22 -j ACCEPT",
      ],
    ],
    ["-A INPUT -p tcp -m multiport --sports 22 -j ACCEPT", ["", "-A INPUT -p tcp -m multiport --sports 22 -j DROP"]],
    ["-A INPUT -j ACCEPT -p tcp -m multiport --ports 1,2", expect.arrayContaining(["-A INPUT -j ACCEPT -p tcp -m multiport --ports 2"])],
  ])("%s", async (line, expected) => {
    expect(await instead(line)).toEqual(expected);
  });

  test("the policy of a chain, reversed, with its counters", async () => {
    expect(await instead(":INPUT DROP [0:0]", { kind: "policy" })).toEqual([":INPUT ACCEPT [0:0]"]);
    expect(await instead(":own - [0:0]", { kind: "policy" })).toEqual([]);
  });
});

test("a mutation carries its rule, and where it stands", async () => {
  const rule = { family: "inet", table: "filter", chain: "input", kind: "rule" as const, file: "firewall", line: 2, text: "drop" };
  const [gone, changed] = await mutations({ rules: [rule], firewall: "x\n  drop\n" });
  expect(gone).toEqual({
    kind: "removed",
    file: "firewall",
    line: 2,
    text: "drop",
    instead: "",
    edits: [{ file: "firewall", line: 2, action: "replace", lines: [] }],
    rule,
  });
  expect(changed).toMatchObject({ kind: "changed", edits: [{ action: "replace", lines: ["  accept"] }], rule });
});

test("rules of both families on one line are one; a file that nobody gave has none", async () => {
  const rule = {
    family: "ip",
    table: "filter",
    chain: "INPUT",
    kind: "rule" as const,
    file: "firewall",
    line: 1,
    text: "-A INPUT -j DROP",
  };
  const both = await mutations({ rules: [rule, { ...rule, family: "ip6" }], firewall: "-A INPUT -j DROP\n" });
  expect(both.map(({ kind }) => kind)).toEqual(["removed", "changed"]);
  expect(
    await mutations({
      rules: [
        { ...rule, file: "elsewhere" },
        { ...rule, line: 9 },
      ],
      firewall: "-A INPUT -j DROP\n",
    }),
  ).toEqual([]);
});

describe("a line of sshd_config", () => {
  const shown = async (config: string) => (await mutations({ config })).map(({ line, instead: text }) => `${line} ${text}`.trimEnd());

  test("gone, and every other value; indented as before, spelled as the manual does", async () => {
    expect(await shown("Port 22\n  gatewayports=yes # for all\n")).toEqual(["2", "2 GatewayPorts no", "2 GatewayPorts clientspecified"]);
    expect(await shown("AllowTcpForwarding LOCAL\n")).toEqual([
      "1",
      "1 AllowTcpForwarding yes",
      "1 AllowTcpForwarding no",
      "1 AllowTcpForwarding remote",
    ]);
    expect(await shown("PermitListen 8080 localhost:8081\n")).toEqual(["1", "1 PermitListen any", "1 PermitListen none"]);
    const [, changed] = await mutations({ config: "Match User alice\n\tX11Forwarding yes\n" }).then((all) =>
      all.filter(({ line }) => line === 2),
    );
    expect(changed?.edits).toEqual([{ file: "sshd_config", line: 2, action: "replace", lines: ["\tX11Forwarding no"] }]);
  });

  test("lines that decide who may log in are gone; a Match line without its lines", async () => {
    expect(await shown("AllowUsers alice\nMatch User alice\n  PermitTTY no\nMatch all\nUsePAM no\n")).toEqual(["1", "2", "4"]);
  });
});

describe("a key line", () => {
  const shown = async (keys: string) =>
    (await mutations({ keys })).map(({ line, text, edits }) => `${line} ${text}: ${linesOf(edits[0]?.lines.join("\n") ?? "").join()}`);

  test("without each of its options, as they were written", async () => {
    const options = 'restrict,port-forwarding,permitlisten="8080",command="echo a,b"';
    expect(await shown(`# mine\n${options} ${key} laptop\n`)).toEqual([
      `2 restrict: port-forwarding,permitlisten="8080",command="echo a,b" ${key} laptop`,
      `2 port-forwarding: restrict,permitlisten="8080",command="echo a,b" ${key} laptop`,
      `2 permitlisten="8080": restrict,port-forwarding,command="echo a,b" ${key} laptop`,
      `2 command="echo a,b": restrict,port-forwarding,permitlisten="8080" ${key} laptop`,
    ]);
  });

  test("without its only one, whatever blank follows", async () => {
    expect(await shown(`restrict ${key}\nrestrict\t${key}\n${key}\n`)).toEqual([`1 restrict: ${key}`, `2 restrict: ${key}`]);
  });

  test("an option twice is one option less, once", async () => {
    expect(await shown(`no-pty,no-pty ${key}\n`)).toEqual([`1 no-pty: no-pty ${key}`]);
  });
});

describe("only what keeps something back can be backed up", () => {
  const rule = { family: "inet", table: "filter", chain: "input", kind: "rule" as const, file: "fw", line: 1, text: "" };

  test.each([
    ["tcp dport 22 accept", rule, false],
    ["tcp dport 43234 drop", rule, true],
    ["-A INPUT -p tcp -j REJECT", rule, true],
    ["GatewayPorts clientspecified", undefined, false],
    ["AllowTcpForwarding yes # for now", undefined, false],
    ["PermitListen any", undefined, false],
    ["AllowTcpForwarding local", undefined, true],
    ["PermitRootLogin no", undefined, true],
    ["AllowUsers alice", undefined, true],
  ])("%s", (text, of, expected) => {
    expect(restricts({ text, ...(of ? { rule: of } : {}) })).toBe(expected);
  });
});
