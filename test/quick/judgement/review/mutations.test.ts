/** Small changes of the user's own lines, in each dialect. */
import { describe, expect, test } from "vitest";
import { NftText } from "../../../../harness/firewall/nft-pieces.ts";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import { linesOf } from "../../../../harness/judgement/remedies/candidate.ts";
import { type Mutable, type MutableRule, mutationsOf, restricts } from "../../../../harness/judgement/review/mutations.ts";
import { sshdConfigFromText } from "../../../../harness/openssh/sshd-config.ts";
import { statedLogins } from "../../../../harness/openssh/stated-logins.ts";
import { policyOf } from "../sample.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

interface Given {
  rules?: MutableRule[];
  config?: string;
  keys?: string;
  firewall?: string;
  /** `ipset save`. */
  ipsets?: string;
  unordered?: Mutable["unordered"];
}

async function mutations(given: Given) {
  return (await allOf(given)).mutations;
}

async function allOf({ rules = [], config = "", keys = "", firewall = "", ipsets, unordered = [] }: Given) {
  const { logins } = statedLogins({ authorizedKeys: [{ text: keys, display: "keys" }] });
  const files = { sshd_config: config, keys, firewall, ...(ipsets === undefined ? {} : { ipsets }) };
  const { lines } = await sshdConfigFromText(config);
  const inputs = { policy: policyOf({}), policyFile: "policy.yaml", sshdConfig: "sshd_config", files };
  const sets = ipsets === undefined ? undefined : "ipsets";
  return mutationsOf(
    { rules, unordered, nft: new Map([["firewall", new NftText(firewall)]]), ipsets: sets, config: lines, logins },
    inputs,
  );
}

/** Of one line of a firewall: what stands there instead, "" where it is gone. */
async function instead(line: string, { kind = "rule" as MutableRule["kind"], text = line.trim() } = {}): Promise<string[]> {
  const column = line.search(/\S/) + 1;
  const rule = { family: "inet", table: "filter", chain: "input", kind, file: "firewall", line: 1, column, text };
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
    [
      "tcp dport vmap { 22 : accept, 80 : drop }",
      [
        "",
        "tcp dport vmap { 80 : drop }",
        "tcp dport vmap { 22 : drop, 80 : drop }",
        "tcp dport vmap { 22 : accept }",
        "tcp dport vmap { 22 : accept, 80 : accept }",
      ],
    ],
    [
      "dnat to tcp dport map { 80: 10.0.0.1, 81: 10.0.0.2 }",
      ["", "dnat to tcp dport map { 81: 10.0.0.2 }", "dnat to tcp dport map { 80: 10.0.0.1 }"],
    ],
    ["ip6 saddr { 2001:db8::, ::1 } accept", expect.arrayContaining(["ip6 saddr { ::1 } accept", "ip6 saddr { 2001:db8:: } accept"])],
    ["ct state established,related accept", ["", "ct state established,related drop"]],
  ])("%s", async (line, expected) => {
    expect(await instead(`    ${line}`)).toEqual(expected);
  });

  test("a comment at the end of the line decides nothing", async () => {
    const line = "    tcp dport 22 accept # drop { a, b } later";
    expect(await instead(line, { text: "tcp dport 22 accept" })).toEqual(["", "tcp dport 22 drop"]);
  });

  test("as a command; without what else stands on the line; not where it stands elsewhere", async () => {
    const text = "tcp dport 22 accept";
    expect(await instead(`add rule inet filter input ${text}`, { text })).toEqual(["", "add rule inet filter input tcp dport 22 drop"]);
    expect(await instead(`${text}; udp dport 53 accept`, { text })).toEqual(["", "tcp dport 22 drop"]);
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

const rule = { family: "inet", table: "filter", chain: "input", kind: "rule" as const, file: "firewall", line: 3, column: 5 };

/** The firewall's text after each mutation, by what was changed. */
async function filesAfter({ firewall = "", ipsets, ...given }: Given): Promise<string[]> {
  const files = { firewall, ...(ipsets === undefined ? {} : { ipsets }) };
  return (await mutations({ firewall, ...(ipsets === undefined ? {} : { ipsets }), ...given })).map(
    ({ edits }) => applyCandidate(files, { code: "", params: {}, edits })[ipsets === undefined ? "firewall" : "ipsets"] ?? "",
  );
}

describe("a rule over several lines", () => {
  const firewall = `table inet filter {
  chain input {
    ip saddr {
      10.0.0.1, # the office
      10.0.0.2
    } tcp dport { 22, 80 } \\
      accept # for now
    drop
  }
}
`;
  const text = "ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport { 22, 80 } accept";

  test("is gone as a whole, has the opposite verdict, and is without each element", async () => {
    const [gone = "", reversed = "", ...without] = await filesAfter({ firewall, rules: [{ ...rule, text }] });
    expect(gone).toBe("table inet filter {\n  chain input {\n    drop\n  }\n}\n");
    expect(reversed).toBe(firewall.replace("accept", "drop"));
    expect(without).toEqual([
      firewall.replace("10.0.0.1, # the office\n      ", ""),
      firewall.replace(", # the office\n      10.0.0.2", ""),
      firewall.replace("22, ", ""),
      firewall.replace(", 80", ""),
    ]);
    const told = await mutations({ firewall, rules: [{ ...rule, text }] });
    expect(told.map(({ line, instead: by }) => [line, by])).toEqual([
      [3, ""],
      [3, text.replace("accept", "drop")],
      [4, text.replace("10.0.0.1, ", "")],
      [5, text.replace(", 10.0.0.2", "")],
      [6, text.replace("22, ", "")],
      [6, text.replace(", 80", "")],
    ]);
  });

  test("of a chain on one line, nothing else goes", async () => {
    const line = "table ip t { chain c { type filter hook input priority 0; tcp dport 22 accept; drop; } }\n";
    const [gone] = await filesAfter({
      firewall: line,
      rules: [{ ...rule, line: 1, column: line.indexOf("tcp") + 1, text: "tcp dport 22 accept" }],
    });
    expect(gone).toBe(line.replace("tcp dport 22 accept; ", ""));
  });

  test("with rules in braces: the last verdict of these where it has none of its own", async () => {
    const jump = "    tcp dport 22 jump {\n      ip saddr { 10.0.0.1, 10.0.0.2 } accept\n      drop\n    }\n";
    const given = { ...rule, line: 1, text: "tcp dport 22 jump { ip saddr { 10.0.0.1, 10.0.0.2 } accept drop }" };
    expect(await filesAfter({ firewall: jump, rules: [given] })).toEqual([
      "",
      jump.replace("drop", "accept"),
      jump.replace("10.0.0.1, ", ""),
      jump.replace(", 10.0.0.2", ""),
    ]);
  });

  test("that is not in the file as it was read is told", async () => {
    const given = { ...rule, text: "ip saddr 10.0.0.9 accept" };
    expect(await allOf({ firewall, rules: [given] })).toEqual({
      mutations: [],
      unchanged: [{ file: "firewall", line: 3, text: given.text, code: "what-if-not-found", params: {} }],
    });
  });
});

describe("an element of a set, a map or a variable", () => {
  const user = { ...rule, line: 8, text: "ip saddr @office accept" };
  const set = (elements: string) => `table inet filter {
  set office {
    type ipv4_addr; flags interval
    ${elements}
  }
}
`;

  test("is gone, and the rule that alone uses the set is the one that is changed", async () => {
    const firewall = set('elements = { 10.0.0.0/8 comment "a, b",\n      192.0.2.1 }');
    const found = (await allOf({ firewall, rules: [{ ...user, file: "elsewhere" }] })).mutations;
    expect(found.map(({ kind, line, text, instead: by, rule: of }) => [kind, line, text, by, of?.line])).toEqual([
      ["removed", 4, '10.0.0.0/8 comment "a, b"', "", 8],
      ["removed", 5, "192.0.2.1", "", 8],
    ]);
    expect(await filesAfter({ firewall })).toEqual([
      firewall.replace('10.0.0.0/8 comment "a, b",\n      ', ""),
      firewall.replace(",\n      192.0.2.1", ""),
    ]);
    const twice = [user, { ...user, line: 9 }].map((each) => ({ ...each, file: "elsewhere" }));
    expect((await allOf({ firewall, rules: twice })).mutations.map(({ rule: of }) => of)).toEqual([undefined, undefined]);
    const variable = [user, { ...user, text: "ip saddr $who accept" }].map((each) => ({ ...each, file: "elsewhere" }));
    expect((await allOf({ firewall, rules: variable })).mutations.map(({ rule: of }) => of)).toEqual([undefined, undefined]);
    const others = { ...user, file: "elsewhere", text: "ip saddr @office2 accept" };
    expect((await allOf({ firewall, rules: [others] })).mutations.map(({ rule: of }) => of)).toEqual([undefined, undefined]);
  });

  test("of a rule about all but these can let it match more", async () => {
    const negated = { ...user, file: "elsewhere", text: "ip saddr != @office drop" };
    const found = await allOf({ firewall: set("elements = { 10.0.0.1, 10.0.0.2 }"), rules: [negated] });
    expect(found.mutations.map(({ matchesMore }) => matchesMore)).toEqual([true, true]);
  });

  test("goes with its statement where it is the only one", async () => {
    expect(await filesAfter({ firewall: set("elements = { 10.0.0.1 }") })).toEqual([set("GONE").replace("    GONE\n", "")]);
    expect(await filesAfter({ firewall: "add element inet filter office { 10.0.0.1 }\nx\n" })).toEqual(["x\n"]);
  });

  test("of a map of verdicts: gone, and with the opposite one", async () => {
    const map =
      "table inet filter {\n  map ports {\n    type inet_service : verdict\n    elements = { 22 : accept, 80 : jump web }\n  }\n}\n";
    expect(await filesAfter({ firewall: map })).toEqual([
      map.replace("22 : accept, ", ""),
      map.replace("accept", "drop"),
      map.replace(", 80 : jump web", ""),
    ]);
  });

  test("of a variable; its only one cannot go", async () => {
    expect(await filesAfter({ firewall: "define ports = { 22, 80 }\n" })).toEqual(["define ports = { 80 }\n", "define ports = { 22 }\n"]);
    const only = await allOf({ firewall: "define ports = { 22 }\ndefine wan = eth0\n" });
    expect(only).toEqual({
      mutations: [],
      unchanged: [{ file: "firewall", line: 1, text: "define ports = { 22 }", code: "what-if-only-element", params: {} }],
    });
  });

  test("a block list is cut, and what is left is told", async () => {
    const many = Array.from({ length: 40 }, (_, at) => `10.0.0.${at + 1}`);
    const found = await allOf({ firewall: set(`elements = { ${many.join(", ")} }`) });
    expect(found.mutations.map(({ text }) => text)).toEqual(many.slice(0, 32));
    expect(found.unchanged).toEqual([{ file: "firewall", line: 4, text: "10.0.0.33", code: "what-if-many", params: { count: 8 } }]);
  });
});

describe("a member of an ipset", () => {
  const ipsets = "create office hash:net family inet\nadd office 203.0.113.0/24\nadd office 203.0.113.9 nomatch\nadd other 192.0.2.1\n";
  const uses = (text: string) => ({ ...rule, file: "elsewhere", text });

  test("is gone", async () => {
    expect(await filesAfter({ ipsets })).toEqual([2, 3, 4].map((line) => ipsets.replace(`${ipsets.split("\n")[line - 1]}\n`, "")));
  });

  test("changes the rule that alone uses the set; what is taken out of it lets it match more", async () => {
    const found = await mutations({ ipsets, rules: [uses("-A INPUT -m set --match-set office src -j ACCEPT")] });
    const own = found.filter(({ file }) => file === "ipsets");
    expect(own.map(({ rule: of, matchesMore }) => [of?.file, matchesMore])).toEqual([
      ["elsewhere", undefined],
      ["elsewhere", true],
      [undefined, undefined],
    ]);
    const negated = await mutations({ ipsets, rules: [uses("-A INPUT -m set ! --match-set office src -j DROP")] });
    expect(negated.filter(({ file }) => file === "ipsets")[0]?.matchesMore).toBe(true);
  });
});

test("rules that are known by number only are told, and no rule is taken for the only one of a set", async () => {
  const firewall = "add element inet filter office { 10.0.0.1 }\n";
  const found = await allOf({
    firewall,
    rules: [{ ...rule, file: "elsewhere", text: "ip saddr @office accept" }],
    unordered: [{ chain: "input", file: "firewall", line: 7 }],
  });
  expect(found.mutations.map(({ rule: of }) => of)).toEqual([undefined]);
  expect(found.unchanged).toContainEqual({ file: "firewall", line: 7, text: "input", code: "what-if-order", params: {} });
});

test("a mutation carries its rule, and where it stands", async () => {
  const drop = {
    family: "inet",
    table: "filter",
    chain: "input",
    kind: "rule" as const,
    file: "firewall",
    line: 2,
    column: 3,
    text: "drop",
  };
  const [gone, changed] = await mutations({ rules: [drop], firewall: "x\n  drop\n" });
  expect(gone).toEqual({
    kind: "removed",
    file: "firewall",
    line: 2,
    text: "drop",
    instead: "",
    edits: [{ file: "firewall", line: 2, action: "replace", lines: [] }],
    rule: drop,
  });
  expect(changed).toMatchObject({ kind: "changed", edits: [{ action: "replace", lines: ["  accept"] }], rule: drop });
});

test("rules of both families on one line are one; a file that nobody gave has none", async () => {
  const rule = {
    family: "ip",
    table: "filter",
    chain: "INPUT",
    kind: "rule" as const,
    file: "firewall",
    line: 1,
    column: 1,
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
  const rule = { family: "inet", table: "filter", chain: "input", kind: "rule" as const, file: "fw", line: 1, column: 1, text: "" };

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
