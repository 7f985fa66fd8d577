import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { frontFirewall } from "../../../harness/firewall/cloud/front-firewall.ts";
import { readFront } from "../../../harness/policy/front-firewall.ts";
import { InputFiles } from "../../../harness/policy/input-files.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { parseYaml } from "../../../harness/policy/yaml-source.ts";
import { warningText } from "../../../harness/report/warnings.ts";

/** @param groups of `front_firewall` */
function read(value: unknown, groups?: readonly string[]) {
  const text = JSON.stringify(value, null, 1);
  return frontFirewall(parseYaml(text, "sg.json").source, { display: "sg.json", text }, groups);
}

/** The rules of a direction, without those that every firewall has. */
function rulesOf({ rules }: ReturnType<typeof read>, chain = "in"): string[] {
  return rules
    .filter((rule) => rule.kind === "rule" && rule.chain === chain)
    .slice(3)
    .map(({ text }) => text.replace(/ accept$/, ""));
}

const everyone = { IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
const aws = (permissions: object[], egress: object[] = [{ IpProtocol: "-1", ...everyone }], id = "sg-1") => ({
  SecurityGroups: [{ GroupId: id, GroupName: `name of ${id}`, IpPermissions: permissions, IpPermissionsEgress: egress }],
});
const tcp = (from: number, to: number, peers: object) => ({ IpProtocol: "tcp", FromPort: from, ToPort: to, ...peers });

describe("describe-security-groups", () => {
  test.each<[string, object, string[]]>([
    ["one port from a range", tcp(22, 22, { IpRanges: [{ CidrIp: "203.0.113.0/24" }] }), ["ip saddr 203.0.113.0/24 tcp dport 22"]],
    [
      "ports from both families",
      tcp(8000, 8099, { ...everyone, Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }] }),
      ["meta nfproto ipv4 tcp dport 8000-8099", "ip6 saddr 2001:db8::/32 tcp dport 8000-8099"],
    ],
    ["all ports", tcp(0, 65535, everyone), ["meta nfproto ipv4 meta l4proto tcp"]],
    ["everything", { IpProtocol: "-1", Ipv6Ranges: [{ CidrIpv6: "::/0" }] }, ["meta nfproto ipv6"]],
    ["pings", { IpProtocol: "icmp", FromPort: 8, ToPort: -1, ...everyone }, ["meta nfproto ipv4 icmp type 8"]],
    ["pings with their code", { IpProtocol: "icmp", FromPort: 3, ToPort: 4, ...everyone }, ["meta nfproto ipv4 icmp type 3 icmp code 4"]],
    ["all of ICMP", { IpProtocol: "icmp", FromPort: -1, ToPort: -1, ...everyone }, ["meta nfproto ipv4 meta l4proto icmp"]],
    ["ICMPv6 by its number", { IpProtocol: "58", Ipv6Ranges: [{ CidrIpv6: "::/0" }] }, ["meta nfproto ipv6 meta l4proto ipv6-icmp"]],
    ["a protocol by its number", { ...tcp(22, 22, everyone), IpProtocol: "6" }, ["meta nfproto ipv4 tcp dport 22"]],
    [
      "everything from both families, whatever ports it names",
      { IpProtocol: "-1", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "192.0.2.0/24" }], Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }] },
      ["ip saddr 192.0.2.0/24", "ip6 saddr 2001:db8::/32"],
    ],
    ["all ports of UDP", { ...tcp(0, 65535, everyone), IpProtocol: "udp" }, ["meta nfproto ipv4 meta l4proto udp"]],
    ["port 0 alone", tcp(0, 0, everyone), ["meta nfproto ipv4 tcp dport 0"]],
    ["empty lists", tcp(22, 22, { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] }), []],
    ["another protocol", { IpProtocol: "50", ...everyone }, ["meta nfproto ipv4 meta l4proto 50"]],
  ])("%s", (_, permission, expected) => expect(rulesOf(read(aws([permission])))).toEqual(expected));

  test("what goes out has rules of its own, and no rule is no way", () => {
    expect(rulesOf(read(aws([])), "out")).toEqual(["meta nfproto ipv4"]);
    expect(rulesOf(read(aws([], [])), "out")).toEqual([]);
    expect(
      read(aws([], []))
        .rules.filter(({ kind }) => kind === "policy")
        .map(({ text }) => text),
    ).toEqual(["policy drop", "policy drop"]);
  });

  test("a rule leads to the line of its range", () => {
    const firewall = read(aws([tcp(22, 22, { IpRanges: [{ CidrIp: "192.0.2.7/32" }, { CidrIp: "203.0.113.0/24" }] })]));
    const text = JSON.stringify(aws([tcp(22, 22, { IpRanges: [{ CidrIp: "192.0.2.7/32" }, { CidrIp: "203.0.113.0/24" }] })]), null, 1);
    const line = text.split("\n").findIndex((each) => each.includes("203.0.113.0/24"));
    // The range's object begins a line above.
    expect(firewall.rules.find(({ text: rule }) => rule.includes("203.0.113.0/24"))).toMatchObject({ file: "sg.json", line });
  });

  test("members of a group are told, and let in nobody", () => {
    const firewall = read(aws([tcp(22, 22, { UserIdGroupPairs: [{ GroupId: "sg-2" }] })]));
    expect(rulesOf(firewall)).toEqual([]);
    expect(firewall.warnings.map((each) => warningText(each))).toEqual([
      expect.stringMatching(/^sg\.json:\d+:\d+: this rule refers to a security group/),
    ]);
  });

  test("several groups are chosen by name", () => {
    const both = {
      SecurityGroups: [...aws([tcp(22, 22, everyone)]).SecurityGroups, ...aws([tcp(80, 80, everyone)], [], "sg-2").SecurityGroups],
    };
    expect(rulesOf(read(both, ["name of sg-2", "sg-1"]))).toEqual(["meta nfproto ipv4 tcp dport 80", "meta nfproto ipv4 tcp dport 22"]);
    expect(() => read(both)).toThrow(expect.objectContaining({ code: "front-firewall", todo: expect.stringContaining("groups:") }));
    expect(() => read(both, ["sg-3"])).toThrow(/no security group is called sg-3/);
  });

  test.each<[string, object, string]>([
    ["a prefix list", tcp(22, 22, { PrefixListIds: [{ PrefixListId: "pl-1" }] }), "prefix list"],
    ["a key that nobody knows", tcp(22, 22, { Others: [] }), "`Others`"],
    ["a range that is none", tcp(22, 22, { IpRanges: [{ CidrIp: "everywhere" }] }), "address range"],
    ["a protocol that is none", { IpProtocol: "tpc", ...everyone }, "protocol"],
    ["ports that are none", tcp(90, 80, everyone), "ports"],
  ])("%s is an error", (_, permission, message) => {
    expect(() => read(aws([permission]))).toThrow(
      expect.objectContaining({
        code: "front-firewall",
        message: expect.stringContaining(message),
        place: expect.objectContaining({ file: "sg.json" }),
      }),
    );
  });
});

describe("terraform show -json", () => {
  const group = (values: object) => ({
    address: "aws_security_group.web",
    mode: "managed",
    type: "aws_security_group",
    name: "web",
    values,
  });
  const rule = (values: object, type = "aws_vpc_security_group_ingress_rule") => ({
    address: `${type}.ssh`,
    mode: "managed",
    type,
    name: "ssh",
    values,
  });
  const block = (from: number, peers: object) => ({ from_port: from, to_port: from, protocol: "tcp", cidr_blocks: [], ...peers });
  /** A plan in which the group gets its id on apply. */
  const plan = (resources: { address: string }[], unknown: Record<string, object> = {}, configured: object = {}) => ({
    planned_values: { root_module: { resources } },
    resource_changes: resources.map(({ address }) => ({ address, change: { after_unknown: unknown[address] ?? {} } })),
    configuration: {
      root_module: {
        resources: [
          { address: "aws_security_group.web", expressions: configured },
          ...["aws_vpc_security_group_ingress_rule.ssh", "aws_security_group_rule.ssh"].map((address) => ({
            address,
            expressions: { security_group_id: { references: ["aws_security_group.web.id", "aws_security_group.web"] } },
          })),
        ],
      },
    },
  });

  test("blocks of the group", () => {
    const firewall = read(
      plan([group({ ingress: [block(22, { cidr_blocks: ["192.0.2.0/24"], ipv6_cidr_blocks: ["::/0"] })], egress: [] })]),
    );
    expect(rulesOf(firewall)).toEqual(["ip saddr 192.0.2.0/24 tcp dport 22", "meta nfproto ipv6 tcp dport 22"]);
    expect(rulesOf(firewall, "out")).toEqual([]);
  });

  test.each([
    ["aws_vpc_security_group_ingress_rule", { cidr_ipv4: "192.0.2.0/24", from_port: 22, to_port: 22, ip_protocol: "tcp" }],
    ["aws_security_group_rule", { type: "ingress", cidr_blocks: ["192.0.2.0/24"], from_port: 22, to_port: 22, protocol: "tcp" }],
  ])("%s of a group that gets its id on apply", (type, values) => {
    const resources = [group({ name: "web" }), rule(values, type)];
    const unknown = { "aws_security_group.web": { id: true, ingress: true, egress: true }, [`${type}.ssh`]: { security_group_id: true } };
    expect(rulesOf(read(plan(resources, unknown), ["web"]))).toEqual(["ip saddr 192.0.2.0/24 tcp dport 22"]);
  });

  test("a state, after apply", () => {
    const resources = [
      group({ id: "sg-1", ingress: [], egress: [] }),
      rule({ security_group_id: "sg-1", cidr_ipv4: "0.0.0.0/0", ip_protocol: "-1" }),
    ];
    expect(rulesOf(read({ values: { root_module: { child_modules: [{ address: "module.a", resources }] } } }, ["sg-1"]))).toEqual([
      "meta nfproto ipv4",
    ]);
  });

  test.each<[string, object[], Record<string, object>, object]>([
    ["a range", [group({}), rule({ ip_protocol: "tcp" })], { "aws_vpc_security_group_ingress_rule.ssh": { cidr_ipv4: true } }, {}],
    ["a block's range", [group({ ingress: [block(22, {})] })], { "aws_security_group.web": { ingress: [{ cidr_blocks: [true] }] } }, {}],
    ["all blocks", [group({})], { "aws_security_group.web": { ingress: true } }, { ingress: [{}] }],
  ])("%s that is known only after apply is an error", (_, resources, unknown, configured) => {
    expect(() => read(plan(resources as { address: string }[], unknown, configured))).toThrow(/known only after apply/);
  });
});

test("another file is an error", () => {
  expect(() => read({ SecurityGroupRules: [] })).toThrow(/no cloud firewall that forwardlab knows/);
});

describe("what is not there, or stands elsewhere, is told", () => {
  const planOf = (...resources: object[]) => ({ planned_values: { root_module: { resources } } });
  const told = (found: string, todo: string) =>
    expect.objectContaining({ found: expect.stringContaining(found), todo: expect.stringContaining(todo) });

  test.each([
    ["a list that --query makes", [aws([]).SecurityGroups], "a list", "leave out --query"],
    [
      "a plan whose server is in a group of another state",
      planOf({ address: "aws_instance.a", type: "aws_instance", name: "a", values: { vpc_security_group_ids: ["sg-0a1b"] } }),
      "sg-0a1b",
      "--group-ids sg-0a1b",
    ],
    [
      "another cloud's firewall",
      planOf({ address: "azurerm_network_security_group.a", type: "azurerm_network_security_group", name: "a", values: {} }),
      "azurerm_network_security_group",
      "nft ruleset",
    ],
  ])("%s", (_, value, found, todo) => expect(() => read(value)).toThrow(told(found, todo)));

  test.each([
    ["the log of a plan", '{"@level":"info"}\n{"@level":"info"}\n', "terraform show -json"],
    ["a plan as it is saved", "PK\u0003\u0004", "terraform show -json"],
    ["what the wrapper in CI prints around it", '[command]/x/terraform-bin show -json p\n{"values":{}}\n', "terraform_wrapper: false"],
  ])("%s", async (_, text, todo) => {
    const folder = mkdtempSync(join(tmpdir(), "front-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "plan.json"), text);
    const policy = { server: { sshd_config: "ssh", front_firewall: "plan.json" }, forwards: {} } as Policy;
    const path = { absolute: join(folder, "plan.json"), display: "plan.json" };
    await expect(readFront(policy, path, new InputFiles())).rejects.toMatchObject({
      code: "front-firewall",
      todo: expect.stringContaining(todo),
    });
  });
});

describe("a file from the cloud", () => {
  const reading = (content: string | Uint8Array) => {
    const folder = mkdtempSync(join(tmpdir(), "front-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const at = { absolute: join(folder, "sg.json"), display: "sg.json" };
    writeFileSync(at.absolute, content);
    return readFront({ server: { sshd_config: "etc", front_firewall: "sg.json" }, forwards: {} } as Policy, at, new InputFiles());
  };

  test("may be longer than a policy, and hold what looks like aliases", async () => {
    const groups = aws([tcp(22, 22, everyone)]);
    const tags = Array.from({ length: 12_000 }, (_, at) => `arn:aws:iam: *role-${at}, and some more words`);
    const text = JSON.stringify({ ...groups, Tags: tags });
    expect(text.length).toBeGreaterThan(512 * 1024);
    expect((await reading(text))?.rules.length).toBeGreaterThan(0);
    expect(parseYaml(text, "policy.yaml").errors.map(({ message }) => message)).toEqual(["the policy is too long"]);
  });

  test("of PowerShell is UTF-16: what to do", async () => {
    const text = JSON.stringify(aws([]));
    await expect(reading(Buffer.from(`\ufeff${text}`, "utf16le"))).rejects.toMatchObject({ todo: expect.stringContaining("UTF-8") });
    await expect(reading(text)).resolves.toBeDefined();
  });
});
