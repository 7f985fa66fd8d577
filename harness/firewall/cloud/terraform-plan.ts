/** A plan or a state of Terraform, as `terraform show -json` prints it: security groups of AWS and their rules. */
import { type CloudGroup, type CloudPeer, type CloudRule, cloudError, type PlacedJson } from "./cloud-rule.ts";

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

interface ConfiguredModule {
  resources?: readonly { address: string; expressions?: Readonly<Record<string, unknown>> }[];
  module_calls?: Readonly<Record<string, { module?: ConfiguredModule }>>;
}

interface Show {
  planned_values?: { root_module?: Module };
  values?: { root_module?: Module };
  resource_changes?: readonly { address: string; change?: { after_unknown?: unknown } }[];
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
  /** By address without indexes: what the configuration says. */
  readonly #expressions: ReadonlyMap<string, Readonly<Record<string, unknown>>>;

  constructor(json: PlacedJson) {
    this.#json = json;
    this.#show = json.value as Show;
    const key = this.#show.planned_values ? "planned_values" : "values";
    this.#resources = resourcesOf(this.#show[key]?.root_module ?? {}, [key, "root_module"]);
    this.#unknown = new Map(
      (this.#show.resource_changes ?? []).map(({ address, change }) => [address, (change?.after_unknown ?? {}) as Values]),
    );
    this.#expressions = new Map(expressionsOf(this.#show.configuration?.root_module ?? {}, ""));
  }

  groups(): CloudGroup[] {
    const groups = this.#resources.filter(({ type }) => type === "aws_security_group");
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

  /** Blocks within the group. Where there are none, Terraform leaves the group without rules, those that AWS makes as well. */
  #blocks(group: Resource, name: "ingress" | "egress", direction: CloudRule["direction"]): CloudRule[] {
    const blocks = group.values[name];
    const path = [...group.path, "values", name];
    const unknown = this.#unknown.get(group.address)?.[name];
    if (unknown === true && this.#configured(group)?.[name] === undefined) return [];
    if (isUnknown(unknown)) throw this.#notKnown(group, name);
    if (!Array.isArray(blocks)) return [];
    return blocks.map((block: Values, index) => ofGroup(this.#rule(block, [...path, index], direction), group.address));
  }

  #ruleOf(resource: Resource, direction: CloudRule["direction"] | "by-type"): CloudRule {
    const unknown = this.#unknown.get(resource.address) ?? {};
    const open = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "from_port", "to_port", "protocol", "ip_protocol", "type"];
    for (const name of open) if (isUnknown(unknown[name])) throw this.#notKnown(resource, name);
    const { values } = resource;
    const byType = values.type === "egress" ? "out" : "in";
    const references = ["source_security_group_id", "referenced_security_group_id"].filter((name) => isUnknown(unknown[name]));
    const rule = this.#rule(values, [...resource.path, "values"], direction === "by-type" ? byType : direction);
    return { ...rule, peers: [...rule.peers, ...references.map((name) => ({ ...this.#referenced(resource, name), place: rule.place }))] };
  }

  #rule(values: Values, path: KeyPath, direction: CloudRule["direction"]): CloudRule {
    const place = this.#json.place(path);
    const [list] = [values.prefix_list_ids, values.prefix_list_id].flat().filter((each) => typeof each === "string" && each !== "");
    if (list !== undefined)
      throw cloudError("what a prefix list contains is not in the file", {
        place,
        found: String(list),
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
    const { references = [] } = (this.#configured(rule)?.[name] ?? {}) as { references?: readonly string[] };
    const found = references.find((each) => /^aws_security_group\.[^.]+$/.test(each));
    return found === undefined ? {} : { group: rule.module === "" ? found : `${rule.module}.${found}` };
  }

  #groupOf(rule: Resource, groups: readonly Resource[]): Resource {
    const id = rule.values.security_group_id;
    const { references = [] } = (this.#configured(rule)?.security_group_id ?? {}) as { references?: readonly string[] };
    const found = groups.filter((group) =>
      typeof id === "string"
        ? group.values.id === id
        : group.module === rule.module && references.includes(`aws_security_group.${group.name}`),
    );
    const [group] = found;
    if (group && found.length === 1) return group;
    if (typeof id === "string") return rule;
    throw this.#notKnown(rule, "security_group_id");
  }

  #configured({ address }: Resource): Readonly<Record<string, unknown>> | undefined {
    return this.#expressions.get(withoutIndexes(address));
  }

  #notKnown({ address, path }: Resource, name: string) {
    return cloudError(`\`${name}\` of ${address} is known only after apply`, {
      place: this.#json.place(path),
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

function expressionsOf(
  { resources = [], module_calls: calls = {} }: ConfiguredModule,
  prefix: string,
): [string, Readonly<Record<string, unknown>>][] {
  return [
    ...resources.map(({ address, expressions = {} }): [string, Readonly<Record<string, unknown>>] => [`${prefix}${address}`, expressions]),
    ...Object.entries(calls).flatMap(([name, { module = {} }]) => expressionsOf(module, `${prefix}module.${name}.`)),
  ];
}

function withoutIndexes(address: string): string {
  return address.replaceAll(/\[[^\]]*\]/g, "");
}

/** Terraform marks what is not known with `true`, at any depth. */
function isUnknown(mark: unknown): boolean {
  if (mark === true) return true;
  return typeof mark === "object" && mark !== null && Object.values(mark).some(isUnknown);
}
