/** Plans and states of Terraform as security groups: which rules exist after apply, which group each belongs to, and what a plan leaves open. */
import { describe, expect, test } from "vitest";
import { frontFirewall } from "../../../harness/firewall/cloud/front-firewall.ts";
import { parseYaml } from "../../../harness/policy/yaml-source.ts";

type Values = Record<string, unknown>;

interface Planned {
  address: string;
  values?: Values;
  unknown?: Values;
  before?: Values;
  actions?: string[];
  deposed?: string;
}

/** `module.a["x"].aws_security_group.web[0]` → its parts. */
function partsOf(address: string) {
  const found = /^(?:(module\..*)\.)?((?:aws|data)[\w.]*\.[\w-]+(?:\[[^\]]*\])?)$/.exec(address);
  const [, module = "", resource = address] = found ?? [];
  const [type = "", name = ""] = resource.replace(/\[.*$/, "").split(".");
  return { module, type, name };
}

/** As `terraform show -json PLAN` has it: what is gone after apply stands among the changes alone. */
function plan(resources: Planned[], configuration: object = {}) {
  const staying = resources.filter(({ values }) => values !== undefined);
  const inModule = (wanted: string) =>
    staying
      .filter(({ address }) => partsOf(address).module === wanted)
      .map(({ address, values }) => ({ address, mode: "managed", ...partsOf(address), values }));
  const modules = [...new Set(staying.map(({ address }) => partsOf(address).module))].filter(Boolean);
  return {
    format_version: "1.2",
    planned_values: {
      root_module: { resources: inModule(""), child_modules: modules.map((address) => ({ address, resources: inModule(address) })) },
    },
    resource_changes: resources.map(({ address, unknown = {}, before = null, actions = ["create"], deposed }) => ({
      address,
      ...partsOf(address),
      ...(deposed === undefined ? {} : { deposed }),
      change: { actions, before, after_unknown: unknown },
    })),
    configuration: { root_module: configuration },
  };
}

function read(value: object, groups?: readonly string[], members: Record<string, string[]> = {}) {
  const text = JSON.stringify(value, null, 1);
  return frontFirewall(parseYaml(text, "plan.json").source, { display: "plan.json", text }, groups, ({ names }) =>
    names.flatMap((name) => members[name] ?? []),
  );
}

function rulesOf(value: object, groups?: readonly string[], { members = {}, chain = "in" } = {}): string[] {
  return read(value, groups, members)
    .rules.filter((rule) => rule.kind === "rule" && rule.chain === chain)
    .slice(3)
    .map(({ text }) => text.replace(/ accept$/, ""));
}

const newGroup = { id: true, ingress: true, egress: true };
const web = "aws_security_group.web";
const ssh = "aws_vpc_security_group_ingress_rule.ssh";
const refersTo = (...references: string[]) => ({ references });
const configured = (address: string, expressions: object) => ({ address, expressions });
const ofWeb = configured(ssh, { security_group_id: refersTo(`${web}.id`, web) });
const fromOffice = { cidr_ipv4: "192.0.2.0/24", from_port: 22, to_port: 22, ip_protocol: "tcp" };
const office = "ip saddr 192.0.2.0/24 tcp dport 22";

describe("which group a rule belongs to", () => {
  const inModule = (place: string, outputs: object) => ({
    resources: [configured(ssh, { security_group_id: refersTo("module.sg.group_id", "module.sg") })],
    module_calls: { sg: { module: { resources: [configured(place, {})], outputs } } },
  });

  test("an output of a module leads to the module's group", () => {
    const resources = [
      { address: "module.sg.aws_security_group.this", values: { name: "a" }, unknown: newGroup },
      { address: "aws_security_group.this", values: { name: "b" }, unknown: newGroup },
      { address: ssh, values: fromOffice, unknown: { security_group_id: true } },
    ];
    const outputs = { group_id: { expression: refersTo("aws_security_group.this.id", "aws_security_group.this") } };
    const value = plan(resources, inModule("aws_security_group.this", outputs));
    expect(rulesOf(value, ["a"])).toEqual([office]);
    expect(rulesOf(value, ["b"])).toEqual([]);
  });

  test("a variable of a module leads to what the caller passes", () => {
    const rule = `module.rules.${ssh}`;
    const value = plan(
      [
        { address: web, values: { name: "web" }, unknown: newGroup },
        { address: rule, values: fromOffice, unknown: { security_group_id: true } },
      ],
      {
        resources: [configured(web, {})],
        module_calls: {
          rules: {
            expressions: { group: refersTo(`${web}.id`, web) },
            module: { resources: [configured(ssh, { security_group_id: refersTo("var.group") })] },
          },
        },
      },
    );
    expect(rulesOf(value, ["web"])).toEqual([office]);
  });

  test("for_each and count: the instance of the rule's own key, or the one that is named", () => {
    const groups = ['["a"]', '["b]"]'].map((index) => ({ address: `${web}${index}`, values: { name: index }, unknown: newGroup }));
    const rules = ['["a"]', '["b]"]'].map((index, at) => ({
      address: `${ssh}${index}`,
      values: { ...fromOffice, from_port: 22 + at, to_port: 22 + at },
      unknown: { security_group_id: true },
    }));
    const each = { resources: [configured(ssh, { security_group_id: refersTo("each.key", web) })] };
    expect(rulesOf(plan([...groups, ...rules], each), [`${web}["a"]`])).toEqual([office]);
    expect(rulesOf(plan([...groups, ...rules], each), [`${web}["b]"]`])).toEqual(["ip saddr 192.0.2.0/24 tcp dport 23"]);

    const counted = [0, 1].map((index) => ({ address: `${web}[${index}]`, values: { name: `n${index}` }, unknown: newGroup }));
    const named = { resources: [configured(ssh, { security_group_id: refersTo(`${web}[1].id`, `${web}[1]`, web) })] };
    const one = { address: ssh, values: fromOffice, unknown: { security_group_id: true } };
    expect(rulesOf(plan([...counted, one], named), ["n1"])).toEqual([office]);
    expect(rulesOf(plan([...counted, one], named), ["n0"])).toEqual([]);
    const open = { resources: [configured(ssh, { security_group_id: refersTo(web) })] };
    expect(() => read(plan([...counted, one], open), ["n0"])).toThrow(/`security_group_id` of .*\.ssh is known only after apply/);
  });

  test("a group of another plan takes nothing from this one's", () => {
    const value = plan([
      { address: web, values: { id: "sg-1", name: "web", ingress: [], egress: [] } },
      { address: ssh, values: { ...fromOffice, security_group_id: "sg-elsewhere" } },
    ]);
    expect(rulesOf(value, ["sg-1"])).toEqual([]);
  });

  test("what a local value leads to is not in the plan: an error", () => {
    const value = plan(
      [
        { address: web, values: { name: "web" }, unknown: newGroup },
        { address: ssh, values: fromOffice, unknown: { security_group_id: true } },
      ],
      { resources: [configured(ssh, { security_group_id: refersTo("local.id") })] },
    );
    expect(() => read(value)).toThrow(/known only after apply/);
  });
});

describe("which rules there are after apply", () => {
  const ingress = (from: number, peers: object) => ({
    from_port: from,
    to_port: from,
    protocol: "tcp",
    cidr_blocks: [],
    ipv6_cidr_blocks: [],
    prefix_list_ids: [],
    security_groups: [],
    self: false,
    ...peers,
  });
  // Terraform has read it with all its rules, also those that are resources of their own.
  const existing = {
    address: web,
    actions: ["no-op"],
    values: { id: "sg-1", name: "web", ingress: [ingress(22, { cidr_blocks: ["192.0.2.0/24", "203.0.113.0/24"] })], egress: [] },
  };
  const before = { ...fromOffice, security_group_id: "sg-1" };
  const config = { resources: [configured(web, {}), ofWeb] };
  const other = "ip saddr 203.0.113.0/24 tcp dport 22";

  test("a rule that is deleted is gone, though the group still lists it", () => {
    expect(rulesOf(plan([existing, { address: ssh, actions: ["delete"], before }], config))).toEqual([other]);
  });

  test("the control: with a plan that leaves it there", () => {
    const kept = { address: ssh, actions: ["no-op"], before, values: before };
    expect(rulesOf(plan([existing, kept], config))).toEqual([office, other, office]);
  });

  test.each([[["update"]], [["delete", "create"]], [["create", "delete"]]])(
    "a rule that is changed (%s) has what it says after",
    (actions) => {
      const changed = { address: ssh, actions, before, values: { ...before, cidr_ipv4: "198.51.100.0/24" } };
      expect(rulesOf(plan([existing, changed], config))).toEqual([other, "ip saddr 198.51.100.0/24 tcp dport 22"]);
    },
  );

  test("blocks in the configuration are what there is, whatever rules are deleted besides", () => {
    const blocks = { resources: [configured(web, { ingress: [{}] }), ofWeb] };
    expect(rulesOf(plan([existing, { address: ssh, actions: ["delete"], before }], blocks))).toEqual([office, other]);
  });

  test("a group that is deleted is none", () => {
    const value = plan([existing, { address: "aws_security_group.old", actions: ["delete"], before: { id: "sg-2", name: "old" } }], config);
    expect(() => read(value, ["old"])).toThrow(/no security group is called old/);
  });

  test("the default group of a VPC", () => {
    const values = { id: "sg-d", name: "default", ingress: [ingress(80, { cidr_blocks: ["0.0.0.0/0"] })], egress: [] };
    expect(rulesOf(plan([{ address: "aws_default_security_group.d", values }]), ["default"])).toEqual(["meta nfproto ipv4 tcp dport 80"]);
  });
});

describe("members of groups", () => {
  const members = { [web]: ["10.0.0.7"], "aws_security_group.bastion": ["10.0.0.8"] };

  test("the group itself, and another one, before either has an id", () => {
    const value = plan(
      [
        { address: web, values: { name: "web" }, unknown: newGroup },
        { address: "aws_security_group.bastion", values: { name: "bastion" }, unknown: newGroup },
        {
          address: ssh,
          values: { from_port: 22, to_port: 22, ip_protocol: "tcp" },
          unknown: { security_group_id: true, referenced_security_group_id: true },
        },
        {
          address: "aws_security_group_rule.all",
          values: { type: "ingress", protocol: "-1", from_port: 0, to_port: 0, self: true },
          unknown: { security_group_id: true },
        },
      ],
      {
        resources: [
          configured(ssh, {
            security_group_id: refersTo(`${web}.id`, web),
            referenced_security_group_id: refersTo("aws_security_group.bastion.id", "aws_security_group.bastion"),
          }),
          configured("aws_security_group_rule.all", { security_group_id: refersTo(`${web}.id`, web) }),
        ],
      },
    );
    expect(rulesOf(value, [web], { members })).toEqual(["ip saddr 10.0.0.8 tcp dport 22", "ip saddr 10.0.0.7"]);
    expect(rulesOf(value, [web])).toEqual([]);
    expect(read(value, [web]).warnings.length).toBe(2);
  });
});

describe("what a plan leaves open is an error, not a rule that lets in nobody", () => {
  const group = { address: web, values: { name: "web" }, unknown: newGroup };
  const open = (values: Values, unknown: Values) =>
    plan([group, { address: ssh, values, unknown: { security_group_id: true, ...unknown } }], { resources: [ofWeb] });

  test.each(["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "from_port", "ip_protocol"])("%s of a rule", (name) => {
    const { [name]: _, ...values } = fromOffice as Values;
    expect(() => read(open(values, { [name]: true }))).toThrow(`\`${name}\` of ${ssh} is known only after apply`);
  });

  test.each(["cidr_blocks", "prefix_list_ids", "security_groups"])("%s of a block", (name) => {
    const values = { name: "web", ingress: [{ protocol: "tcp", from_port: 22, to_port: 22 }], egress: [] };
    const value = plan([{ address: web, values, unknown: { id: true, ingress: [{ [name]: true }] } }], {
      resources: [configured(web, { ingress: [{}] })],
    });
    expect(() => read(value)).toThrow(`\`ingress.${name}\` of ${web} is known only after apply`);
  });

  test("an unknown description is no reason", () => {
    expect(rulesOf(open(fromOffice, { description: true, arn: true }))).toEqual([office]);
  });

  test("an object that a failed replacement left behind hides nothing", () => {
    const value = plan(
      [
        group,
        { address: ssh, values: { ip_protocol: "-1" }, unknown: { security_group_id: true, cidr_ipv4: true } },
        { address: ssh, actions: ["delete"], deposed: "0a1b2c3d", before: { ...fromOffice, security_group_id: "sg-0" } },
      ],
      { resources: [ofWeb] },
    );
    expect(() => read(value)).toThrow(/`cidr_ipv4`/);
  });

  test.each([
    [ssh, { prefix_list_id: "pl-1", ip_protocol: "-1" }],
    ["aws_security_group_rule.ssh", { type: "ingress", prefix_list_ids: ["pl-1"], protocol: "tcp", from_port: 22, to_port: 22 }],
  ])("a prefix list of %s", (address, values) => {
    const value = plan([
      { address: web, values: { id: "sg-1", name: "web", ingress: [], egress: [] } },
      { address, values: { security_group_id: "sg-1", ...values } },
    ]);
    expect(() => read(value)).toThrow(expect.objectContaining({ code: "front-firewall", found: "pl-1" }));
  });
});

test("ICMP, all protocols and both families, as Terraform writes them", () => {
  const value = plan([
    {
      address: web,
      values: {
        id: "sg-1",
        name: "web",
        ingress: [
          { protocol: "icmp", from_port: 8, to_port: 0, cidr_blocks: ["0.0.0.0/0"] },
          { protocol: "icmpv6", from_port: -1, to_port: -1, ipv6_cidr_blocks: ["::/0"] },
          { protocol: "58", from_port: 128, to_port: -1, ipv6_cidr_blocks: ["2001:db8::/32"] },
        ],
        egress: [{ protocol: "-1", from_port: 0, to_port: 0, cidr_blocks: ["0.0.0.0/0"], ipv6_cidr_blocks: ["::/0"] }],
      },
    },
  ]);
  expect(rulesOf(value)).toEqual([
    "meta nfproto ipv4 icmp type 8 icmp code 0",
    "meta nfproto ipv6 meta l4proto ipv6-icmp",
    "ip6 saddr 2001:db8::/32 icmpv6 type 128",
  ]);
  expect(rulesOf(value, undefined, { chain: "out" })).toEqual(["meta nfproto ipv4", "meta nfproto ipv6"]);
});
