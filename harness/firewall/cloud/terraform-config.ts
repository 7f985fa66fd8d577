/** What a plan's configuration says a value refers to: a group that has no id before apply is known by its resource alone. Pure. */

export interface ConfiguredModule {
  resources?: readonly { address: string; expressions?: Readonly<Record<string, unknown>> }[];
  outputs?: Readonly<Record<string, { expression?: unknown }>>;
  module_calls?: Readonly<Record<string, { expressions?: Readonly<Record<string, unknown>>; module?: ConfiguredModule }>>;
}

/** A resource of a module that an expression names: `aws_security_group.web`, with its index where the expression has one that is fixed. */
export interface Referred {
  /** Without indexes; empty: the root module. */
  module: string;
  resource: string;
  /** `[0]`, `["a"]`; empty: none. */
  index: string;
}

/** A module without the indexes of its address, its parent, and the call that passes its variables. */
interface Place {
  module: ConfiguredModule;
  parent?: Place;
  address: string;
  passed: Readonly<Record<string, unknown>>;
}

const indexes = /\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g;

export function withoutIndexes(address: string): string {
  return address.replaceAll(indexes, "");
}

/** Of the resource itself, not of its modules. */
export function indexOf(address: string): string {
  return /\[(?:"(?:[^"\\]|\\.)*"|\d+)\]$/.exec(address)?.[0] ?? "";
}

export class TerraformConfig {
  readonly #places = new Map<string, Place>();
  readonly #expressions = new Map<string, Readonly<Record<string, unknown>>>();

  constructor(root: ConfiguredModule) {
    this.#add({ module: root, address: "", passed: {} });
  }

  /** Of a resource by its address. Undefined: there is none, as in a state. */
  expressionsOf(address: string): Readonly<Record<string, unknown>> | undefined {
    return this.#expressions.get(withoutIndexes(address));
  }

  /** Resources of a type that the expression leads to, through outputs and variables of modules. */
  referred(expression: unknown, module: string, type: string): Referred[] {
    const place = this.#places.get(withoutIndexes(module));
    const found = place ? this.#follow(expression, place, type, 0) : [];
    return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
  }

  #add(place: Place): void {
    this.#places.set(place.address, place);
    for (const { address, expressions = {} } of place.module.resources ?? [])
      this.#expressions.set(within(place.address, address), expressions);
    for (const [name, { module = {}, expressions = {} }] of Object.entries(place.module.module_calls ?? {}))
      this.#add({ module, parent: place, address: within(place.address, `module.${name}`), passed: expressions });
  }

  #follow(expression: unknown, place: Place, type: string, depth: number): Referred[] {
    const { references = [] } = (expression ?? {}) as { references?: readonly string[] };
    if (depth > 20) return [];
    const direct = references.filter((each) => each.startsWith(`${type}.`)).map((each) => namedBy(each, place.address));
    // Terraform lists an attribute, and then what it is of: the index stands in both, or in none.
    const indexed = direct.filter(({ index }) => index !== "");
    const own = direct.filter((each) => each.index !== "" || !indexed.some(({ resource }) => resource === each.resource));
    return [
      ...own,
      ...references.flatMap((each) => {
        const variable = /^var\.([\w-]+)/.exec(each)?.[1];
        if (variable !== undefined && place.parent) return this.#follow(place.passed[variable], place.parent, type, depth + 1);
        const output = /^module\.([\w-]+)(?:\[.*?\])?\.([\w-]+)/.exec(each);
        const called = output && this.#places.get(within(place.address, `module.${output[1]}`));
        return called ? this.#follow(called.module.outputs?.[output[2] ?? ""]?.expression, called, type, depth + 1) : [];
      }),
    ];
  }
}

function namedBy(reference: string, module: string): Referred {
  const [, resource = reference, index = ""] = /^([\w-]+\.[\w-]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?/.exec(reference) ?? [];
  return { module, resource, index };
}

function within(module: string, address: string): string {
  return module === "" ? address : `${module}.${address}`;
}
