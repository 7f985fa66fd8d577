import { describe, expect, test } from "vitest";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import type { Edit, RemedyInputs } from "../../../../harness/judgement/remedies/candidate.ts";
import { insertRules, narrowRule, removeLine, removeRule } from "../../../../harness/judgement/remedies/firewall-edits.ts";
import { elementChanges } from "../../../../harness/judgement/review/firewalld-mutations.ts";

const file = "etc/firewalld/zones/public.xml";
const zone = `<?xml version="1.0" encoding="utf-8"?>
<zone>
  <service name="ssh"/>
  <!-- <port port="43234" protocol="tcp"/> -->
  <port port="43234" protocol="tcp"/>
  <port port="5000" protocol="tcp"/> <port port="5001" protocol="tcp"/>
  <rule family="ipv6">
    <port port="43234" protocol="tcp"/>
    <accept/>
  </rule>
  <rule priority="-7" family="ipv4">
    <source address="203.0.113.50"/>
    <port port="43234" protocol="tcp"/>
    <reject type="tcp-reset"/>
  </rule>
  <forward-port port="43234" protocol="tcp" to-port="22"/>
</zone>
`;
const inputs = { files: { [file]: zone } } as unknown as RemedyInputs;
const at = (line: number, rule = "inet firewalld filter_IN_public_allow tcp dport 43234 accept") => ({ rule, file, line });
const peers = [
  { address: "203.0.113.50", family: 4 },
  { address: "2001:db8:50::10", family: 6 },
] as const;
const port = `<port port="43234" protocol="tcp"/>`;

/** Lines that are gone, and lines that are new. */
function difference(edits: readonly Edit[]): string[] {
  if (edits.length === 0) return [];
  const after = applyCandidate({ [file]: zone }, { code: "", params: {}, edits })[file]?.split("\n") ?? [];
  const before = zone.split("\n");
  const count = (lines: readonly string[], line: string) => lines.filter((each) => each === line).length;
  const only = (some: readonly string[], others: readonly string[]) =>
    [...new Set(some)].filter((line) => count(some, line) > count(others, line));
  return [...only(before, after).map((line) => `- ${line.trim()}`), ...only(after, before).map((line) => `+ ${line.trim()}`)];
}

describe("an element goes as a whole", () => {
  test("the port", () => expect(difference(removeRule(inputs, at(5), 43_234))).toEqual([`- ${port}`]));
  test("a rich rule", () => {
    expect(difference(removeRule(inputs, at(7), 43_234))).toEqual([`- <rule family="ipv6">`, `- ${port}`, "- <accept/>", "- </rule>"]);
  });
  test("a redirection", () => {
    expect(difference(removeLine(inputs, at(16, "inet firewalld nat_PRE_public_allow tcp dport 43234 redirect to :22")))).toEqual([
      `- <forward-port port="43234" protocol="tcp" to-port="22"/>`,
    ]);
  });
});

test.each([
  ["about another port", removeRule(inputs, at(5), 5000)],
  ["a service", removeRule(inputs, at(3), 22)],
  ["that shares its line", removeRule(inputs, at(6), 5000)],
  ["that denies", removeRule(inputs, at(11), 43_234)],
  ["the zone", removeLine(inputs, at(2))],
  ["a comment", removeLine(inputs, at(4))],
  ["with a source already: narrowed", narrowRule(inputs, at(11), 43_234, peers)],
])("nothing is done to one %s", (_, edits) => expect(edits).toEqual([]));

test("a port for these peers alone", () => {
  expect(difference(narrowRule(inputs, at(5), 43_234, peers))).toEqual([
    `- ${port}`,
    `+ <rule family="ipv4"><source address="203.0.113.50"/>${port}<accept/></rule>`,
    `+ <rule family="ipv6"><source address="2001:db8:50::10"/>${port}<accept/></rule>`,
  ]);
});

test("a rich rule of one family for the peers of that family", () => {
  expect(difference(narrowRule(inputs, at(7), 43_234, peers)).filter((line) => line.startsWith("+"))).toEqual([
    `+ <rule family="ipv6"><source address="2001:db8:50::10"/>${port}<accept/></rule>`,
  ]);
});

describe("a new rule", () => {
  const accept = { peers: [], direction: "request", port: 43_234, action: "accept" } as const;
  const insert = (line: number, rule: string, ...rules: Parameters<typeof insertRules>[2]) =>
    difference(insertRules(inputs, at(line, rule), rules));
  const target = "inet firewalld filter_INPUT_POLICIES reject with icmpx admin-prohibited";
  const rich = "inet firewalld filter_IN_public_pre ip saddr 203.0.113.50 tcp dport 43234 reject with tcp reset";

  test("in the zone whose target decided", () => {
    expect(insert(2, target, accept)).toEqual([`+ ${port}`]);
    expect(insert(2, target, { ...accept, family: 6 })).toEqual([`+ <rule family="ipv6">${port}<accept/></rule>`]);
    expect(insert(2, "ip filter INPUT_POLICIES -j REJECT", { ...accept, peers: [peers[0]] })).toEqual([
      `+ <rule family="ipv4"><source address="203.0.113.50"/>${port}<accept/></rule>`,
    ]);
  });

  test("in the zone whose target decided, before what is dropped: by their priority", () => {
    expect(insert(2, target, { ...accept, peers: [peers[0]] }, { ...accept, action: "drop" })).toEqual([
      `+ <rule priority="-2" family="ipv4"><source address="203.0.113.50"/>${port}<accept/></rule>`,
      `+ <rule priority="-1">${port}<drop/></rule>`,
    ]);
  });

  test("before a rule, by its priority, in their order", () => {
    const [first, second] = [
      { ...accept, peers: [peers[0]] },
      { ...accept, action: "drop" },
    ] as const;
    expect(insert(11, rich, first, second)).toEqual([
      `+ <rule priority="-9" family="ipv4"><source address="203.0.113.50"/>${port}<accept/></rule>`,
      `+ <rule priority="-8">${port}<drop/></rule>`,
    ]);
    expect(insert(5, rich, second)).toEqual([`+ <rule priority="-1">${port}<drop/></rule>`]);
  });

  test("for answers, or for what goes out: none", () => {
    expect(insert(2, target, { ...accept, direction: "reply" })).toEqual([]);
    expect(insert(2, "inet firewalld filter_OUT_policy_out reject", accept)).toEqual([]);
  });
});

describe("what if", () => {
  const changes = (line: number, text = zone) =>
    elementChanges(file, text.split("\n"), line)?.map(({ text: from, instead }) => [from, instead]);

  test("an element is gone, or says the opposite", () => {
    expect(changes(5)).toEqual([[port, ""]]);
    const rule = `<rule priority="-7" family="ipv4"><source address="203.0.113.50"/>${port}`;
    expect(changes(11)).toEqual([
      [`${rule}<reject type="tcp-reset"/></rule>`, ""],
      [`${rule}<reject type="tcp-reset"/></rule>`, `${rule}<accept/></rule>`],
    ]);
    expect(changes(7)?.[1]?.[1]).toBe(`<rule family="ipv6">${port}<drop/></rule>`);
  });

  test("a zone has the opposite target", () => {
    expect(changes(2)).toEqual([["<zone>", `<zone target="ACCEPT">`]]);
    expect(changes(1, `<zone version="1" target="ACCEPT">\n</zone>`)).toEqual([
      [`<zone version="1" target="ACCEPT">`, `<zone version="1" target="DROP">`],
    ]);
  });

  test("elements on one line are left alone", () => expect(changes(6)).toBeUndefined());
});
