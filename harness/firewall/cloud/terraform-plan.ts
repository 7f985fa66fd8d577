/** A plan or a state of Terraform, as `terraform show -json` prints it: security groups of AWS and their rules. */
import { faultOf } from "../../core/fault.ts";
import { type CloudGroup, type CloudPeer, type CloudRule, cloudError, type PlacedJson } from "./cloud-rule.ts";
import { type ConfiguredModule, indexOf, TerraformConfig, withoutIndexes } from "./terraform-config.ts";

type KeyPath = readonly (string | number)[];
type Values = Readonly<Record<string, unknown>>;

/** A resource as it will be, or is. */
interface Resource {
  address: string;
  type: string;
  name: string;
  /** `module.vpc`; empty: the root module. */
  module: string;
  values: Values;
  path: KeyPath;
}

interface Module {
  address?: string;
  resources?: readonly { address: string; mode?: string; type: string; name: string; values?: Values }[];
  child_modules?: readonly Module[];
}

interface ResourceChange {
  address: string;
  type?: string;
  /** An object that a failed replacement left behind. */
  deposed?: string;
  change?: { actions?: readonly string[]; before?: unknown; after_unknown?: unknown };
}

interface Show {
  planned_values?: { root_module?: Module };
  values?: { root_module?: Module };
  resource_changes?: readonly ResourceChange[];
  configuration?: { root_module?: ConfiguredModule };
}

export function isTerraform(value: unknown): boolean {
  const { planned_values: planned, values } = (value ?? {}) as Show;
  return Boolean(planned?.root_module ?? values?.root_module);
}

/** @throws UserError `front-firewall` for values that are known only after apply */
export function readTerraform(json: PlacedJson): CloudGroup[] {
  return new Terraform(json).groups();
}

/** For a plan without AWS security groups: which firewalls it has instead, and which groups its servers name. */
export function terraformWithoutGroups(json: PlacedJson): { found: string; todo: string } {
  const { planned_values: planned, values } = json.value as Show;
  const resources = resourcesOf((planned ?? values)?.root_module ?? {}, []);
  const ids = resources.flatMap(({ values: own }) => [own.vpc_security_group_ids, own.security_groups].flat()).filter(isGroupId);
  if (ids.length > 0)
    return {
      found: `servers in ${[...new Set(ids)].join(", ")}, which ${ids.length === 1 ? "is" : "are"} defined elsewhere`,
      todo: `use the output of \`aws ec2 describe-security-groups --group-ids ${[...new Set(ids)].join(" ")}\``,
    };
  const others = [...new Set(resources.map(({ type }) => type).filter((type) => /security_(?:group|rule|list)|firewall/.test(type)))];
  return {
    found: others.join(", ") || "no firewall",
    todo: "write what the other cloud's firewall lets in as an nft ruleset, and name it under `firewall`",
  };
}

function isGroupId(value: unknown): value is string {
  return typeof value === "string" && /^sg-[0-9a-f]+$/.test(value);
}

/** The default group of a VPC is a resource of its own kind, with the same blocks. */
const groupTypes = ["aws_security_group", "aws_default_security_group"];

const ruleTypes: Readonly<Record<string, CloudRule["direction"] | "by-type">> = {
  aws_security_group_rule: "by-type",
  aws_vpc_security_group_ingress_rule: "in",
  aws_vpc_security_group_egress_rule: "out",
};

class Terraform {
  readonly #json: PlacedJson;
  readonly #show: Show;
  readonly #resources: Resource[];
  /** By address: what is known only after apply. */
  readonly #unknown: ReadonlyMap<string, Values>;
  readonly #config: TerraformConfig;

  constructor(json: PlacedJson) {
    this.#json = json;
    this.#show = json.value as Show;
    const key = this.#show.planned_values ? "planned_values" : "values";
    this.#resources = resourcesOf(this.#show[key]?.root_module ?? {}, [key, "root_module"]);
    // What goes away has the address of what takes its place.
    const staying = this.#changes.filter(({ deposed, change }) => deposed === undefined && change?.actions?.join() !== "delete");
    this.#unknown = new Map(staying.map(({ address, change }) => [address, (change?.after_unknown ?? {}) as Values]));
    this.#config = new TerraformConfig(this.#show.configuration?.root_module ?? {});
  }

  get #changes(): readonly ResourceChange[] {
    return this.#show.resource_changes ?? [];
  }

  groups(): CloudGroup[] {
    const groups = this.#resources.filter(({ type }) => groupTypes.includes(type));
    const rules = this.#resources.flatMap((resource) => {
      const direction = ruleTypes[resource.type];
      return direction === undefined ? [] : [{ group: this.#groupOf(resource, groups), rule: this.#ruleOf(resource, direction) }];
    });
    return groups.map((group) => ({
      names: [group.address, group.values.id, group.values.name].filter((name) => typeof name === "string"),
      rules: [
        ...this.#blocks(group, "ingress", "in"),
        ...this.#blocks(group, "egress", "out"),
        ...rules.flatMap((each) => (each.group === group ? [ofGroup(each.rule, group.address)] : [])),
      ],
      place: this.#json.place(group.path),
    }));
  }

  /**
   * Blocks within the group. Where there are none, Terraform leaves the group without rules, those that AWS makes as well; of a group that exists it
   * then has what was there, also rules that are resources of their own: without those that this plan deletes or changes.
   */
  #blocks(group: Resource, name: "ingress" | "egress", direction: CloudRule["direction"]): CloudRule[] {
    const blocks = group.values[name];
    const path = [...group.path, "values", name];
    const unknown = this.#unknown.get(group.address)?.[name];
    const configured = this.#config.expressionsOf(group.address);
    if (unknown === true && configured?.[name] === undefined) return [];
    const open = unknown === true ? name : unknownField(unknown, [...valueFields, ...peerFields]);
    if (open !== undefined) throw this.#notKnown(group, open === name ? name : `${name}.${open}`);
    if (!Array.isArray(blocks)) return [];
    const rules = blocks.map((block: Values, index) => ofGroup(this.#rule(block, [...path, index], direction), group.address));
    return configured && configured[name] === undefined ? this.#remaining(rules, group) : rules;
  }

  /** Of the rules that a group had, those that no resource of this plan takes away. */
  #remaining(rules: readonly CloudRule[], group: Resource): CloudRule[] {
    const gone = new Set(
      this.#changes.flatMap(({ type = "", change }) => {
        const direction = ruleTypes[type];
        const before = (change?.before ?? {}) as Values;
        const goes = change?.actions?.some((action) => action === "delete" || action === "update");
        if (direction === undefined || !goes || before.security_group_id !== group.values.id) return [];
        const rule = ofGroup(this.#rule(before, group.path, directionOf(direction, before)), group.address);
        return rule.peers.map((peer) => keyOf(rule, peer));
      }),
    );
    return rules.map((rule) => ({ ...rule, peers: rule.peers.filter((peer) => !gone.has(keyOf(rule, peer))) }));
  }

  #ruleOf(resource: Resource, direction: CloudRule["direction"] | "by-type"): CloudRule {
    const unknown = this.#unknown.get(resource.address) ?? {};
    const open = unknownField(unknown, [...valueFields, "cidr_ipv4", "cidr_ipv6", "ip_protocol", "type", "prefix_list_id"]);
    if (open !== undefined) throw this.#notKnown(resource, open);
    const { values } = resource;
    const rule = this.#rule(values, [...resource.path, "values"], directionOf(direction, values));
    const references = ["source_security_group_id", "referenced_security_group_id"].filter((name) => isUnknown(unknown[name]));
    return { ...rule, peers: [...rule.peers, ...references.map((name) => ({ ...this.#referenced(resource, name), place: rule.place }))] };
  }

  #rule(values: Values, path: KeyPath, direction: CloudRule["direction"]): CloudRule {
    const place = this.#json.place(path);
    const [list] = [values.prefix_list_ids, values.prefix_list_id].flat().filter((each) => typeof each === "string" && each !== "");
    if (list !== undefined)
      throw cloudError("what a prefix list contains is not in the file", {
        place,
        fault: faultOf("cloud-prefix-list", { list: String(list) }),
        found: String(list),
        expected: "address ranges",
        todo: "in the copy, put the list's ranges into the rule in its place",
      });
    const ranges = (["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"] as const).flatMap((name) =>
      [values[name]].flat().flatMap((range, index): CloudPeer[] => {
        const at = Array.isArray(values[name]) ? [...path, name, index] : [...path, name];
        return typeof range === "string" ? [{ range, place: this.#json.place(at) }] : [];
      }),
    );
    const members = [values.security_groups, values.source_security_group_id, values.referenced_security_group_id].flat();
    const groups = members.filter((each) => typeof each === "string" && each !== "").map((each) => String(each));
    const own = values.self === true ? [itself] : [];
    return {
      direction,
      protocol: String(values.protocol ?? values.ip_protocol),
      ...(typeof values.from_port === "number" ? { from: values.from_port } : {}),
      ...(typeof values.to_port === "number" ? { to: values.to_port } : {}),
      peers: [...ranges, ...[...groups, ...own].map((group) => ({ group, place }))],
      place,
    };
  }

  /** The group that a rule of its own refers to, by its address: before apply it has no id. */
  #referenced(rule: Resource, name: string): Pick<CloudPeer, "group"> {
    const found = this.#referred(rule, name);
    if (found.length > 1) throw this.#notKnown(rule, name);
    return found[0] ? { group: found[0].address } : {};
  }

  #groupOf(rule: Resource, groups: readonly Resource[]): Resource {
    const id = rule.values.security_group_id;
    if (typeof id === "string") return groups.find((group) => group.values.id === id) ?? rule;
    const [group, ...more] = this.#referred(rule, "security_group_id");
    if (group && more.length === 0) return group;
    throw this.#notKnown(rule, "security_group_id");
  }

  /** Groups to which an argument of a rule may refer. Of several instances, `each.key` and `count.index` mean the one with the rule's own. */
  #referred(rule: Resource, name: string): Resource[] {
    const expression = this.#config.expressionsOf(rule.address)?.[name];
    return groupTypes.flatMap((type) =>
      this.#config.referred(expression, rule.module, type).flatMap(({ module, resource, index }) => {
        const named = this.#resources.filter((each) => withoutIndexes(each.address) === [module, resource].filter(Boolean).join("."));
        const near = named.filter((each) => each.module === rule.module);
        const all = near.length > 0 ? near : named;
        const same = all.filter((each) => indexOf(each.address) === (index === "" ? indexOf(rule.address) : index));
        return same.length > 0 && all.length > 1 ? same : all;
      }),
    );
  }

  #notKnown({ address, path }: Resource, name: string) {
    return cloudError(`\`${name}\` of ${address} is known only after apply`, {
      place: this.#json.place(path),
      fault: faultOf("cloud-after-apply", { field: name, resource: address }),
      found: "(known after apply)",
      expected: "a plan that says which addresses and ports a rule is for, and which group it belongs to",
      todo: "use the state after apply (`terraform show -json`), or the output of `aws ec2 describe-security-groups`",
    });
  }
}

/** In the place of a group: the one that the rule belongs to (`self = true`). */
const itself = "self";

function ofGroup(rule: CloudRule, group: string): CloudRule {
  return { ...rule, peers: rule.peers.map((peer) => (peer.group === itself ? { ...peer, group } : peer)) };
}

function resourcesOf({ address = "", resources = [], child_modules: children = [] }: Module, path: KeyPath): Resource[] {
  return [
    ...resources.flatMap(({ mode, values = {}, ...resource }, index) =>
      mode === "data" ? [] : [{ ...resource, values, module: address, path: [...path, "resources", index] }],
    ),
    ...children.flatMap((child, index) => resourcesOf(child, [...path, "child_modules", index])),
  ];
}

const valueFields = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "from_port", "to_port", "protocol", "self"];
/** Of a block: which group it names cannot be told of one that has no id yet. */
const peerFields = ["security_groups"];

/** The first of these fields, of an object or of one in a list, that is known only after apply. */
function unknownField(marks: unknown, fields: readonly string[]): string | undefined {
  const all = [marks].flat() as (Values | undefined)[];
  return fields.find((name) => all.some((each) => isUnknown(each?.[name])));
}

function directionOf(given: CloudRule["direction"] | "by-type", { type }: Values): CloudRule["direction"] {
  if (given !== "by-type") return given;
  return type === "egress" ? "out" : "in";
}

/** What makes two rules the same, as AWS keeps them. */
function keyOf({ direction, protocol, from, to }: CloudRule, { range, group }: CloudPeer): string {
  const everything = protocol === "-1" || protocol === "all";
  return JSON.stringify([direction, everything ? "-1" : protocol, everything ? [] : [from ?? -1, to ?? -1], range, group]);
}

/** Terraform marks what is not known with `true`, at any depth. */
function isUnknown(mark: unknown): boolean {
  if (mark === true) return true;
  return typeof mark === "object" && mark !== null && Object.values(mark).some(isUnknown);
}
