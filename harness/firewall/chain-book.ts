/** What each chain holds while a firewall file is read from top to bottom. */
import { type ChainName, chainKey, placeOf, type RulePosition, type WrittenObject } from "./firewall-files.ts";

interface Chain {
  name: ChainName;
  rules: RulePosition[];
  /** Where it is opened. */
  place?: Place;
  /** The statement `policy …`. */
  policy?: RulePosition;
  /** The statement `type … hook …`, where nft's default policy begins. */
  hook?: RulePosition;
  /** The order can no longer be known from the files. */
  uncertain: boolean;
}

const builtIn = new Set(["INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"]);

type Place = Pick<RulePosition, "file" | "line">;

/** Rules by chain, in the order of evaluation. */
export class ChainBook {
  readonly #chains = new Map<string, Chain>();
  readonly #tables = new Map<string, WrittenObject>();

  declareTable({ family, table }: Pick<ChainName, "family" | "table">, at: Place): void {
    const name = `${family} ${table}`;
    if (!this.#tables.has(name)) this.#tables.set(name, { family, table, ...placeOf(at) });
  }

  declareChain(name: ChainName, at: Place): void {
    this.#chain(name).place ??= placeOf(at);
  }

  rename(name: ChainName, to: string): void {
    const chain = this.#chains.get(chainKey(name));
    if (!chain) return;
    this.#chains.delete(chainKey(chain.name));
    chain.name = { ...chain.name, chain: to };
    const moved = (position: RulePosition) => ({ ...position, chain: to });
    chain.rules = chain.rules.map(moved);
    if (chain.policy) chain.policy = moved(chain.policy);
    if (chain.hook) chain.hook = moved(chain.hook);
    this.#chains.set(chainKey(chain.name), chain);
  }

  /** @param after index of the rule that it follows; left out: at the end */
  add(rule: RulePosition, after?: number): void {
    const { rules } = this.#chain(rule);
    rules.splice(after === undefined ? rules.length : after + 1, 0, rule);
  }

  /** @param before index of the rule that it precedes; left out: at the beginning */
  insert(rule: RulePosition, before = 0): void {
    this.#chain(rule).rules.splice(before, 0, rule);
  }

  setPolicy(position: RulePosition): void {
    this.#chain(position).policy = position;
  }

  setHook(position: RulePosition): void {
    this.#chain(position).hook = position;
  }

  /** A rule was named by its handle, which only the kernel knows. */
  loseOrder(name: ChainName): void {
    this.#chain(name).uncertain = true;
  }

  /** Removes the rules of the chains that are named; what is left out means any. */
  flush(which: Partial<ChainName>): void {
    for (const chain of this.#matching(which)) {
      chain.rules = [];
      chain.uncertain = false;
    }
  }

  /** Removes the chains that are named; what is left out means any. Without a chain's name, the tables, too. */
  remove(which: Partial<ChainName>): void {
    for (const chain of this.#matching(which)) this.#chains.delete(chainKey(chain.name));
    if (which.chain !== undefined) return;
    for (const [name, { family, table }] of this.#tables)
      if ((which.family ?? family) === family && (which.table ?? table) === table) this.#tables.delete(name);
  }

  /** True when nothing here is hooked into the kernel's packet path. */
  get filtersNothing(): boolean {
    return ![...this.#chains.values()].some((chain) => chain.hook ?? chain.policy);
  }

  /** True when nothing here could ever filter, hooked or not. */
  get isEmpty(): boolean {
    return this.#chains.size === 0;
  }

  /** The first rule where rules stand in chains that iptables has not built in, and nothing in the others leads to them. */
  get unusedRule(): RulePosition | undefined {
    const chains = [...this.#chains.values()];
    const used = chains.some(
      ({ name, rules, policy }) => builtIn.has(name.chain) && (rules.length > 0 || (policy && policy.text !== "policy accept")),
    );
    return used ? undefined : chains.flatMap(({ rules }) => rules)[0];
  }

  objects(): WrittenObject[] {
    const chains = [...this.#chains.values()].flatMap(({ name, rules, place, hook, policy, uncertain }) => {
      const at = place ?? hook ?? policy ?? rules[0];
      return at ? [{ ...name, ...(uncertain ? {} : { rules: rules.length }), ...placeOf(at) }] : [];
    });
    // An empty table decides nothing; from an empty section of a dump, iptables makes none.
    const filled = [...this.#tables.values()].filter(({ family, table }) => this.#matching({ family, table }).length > 0);
    return [...filled, ...chains];
  }

  positions(): RulePosition[] {
    return [...this.#chains.values()].flatMap((chain) => {
      const policy = chain.policy ?? chain.hook;
      return [...(policy ? [policy] : []), ...(chain.uncertain ? [] : chain.rules)];
    });
  }

  #chain({ family, table, chain }: ChainName): Chain {
    const name = { family, table, chain };
    let entry = this.#chains.get(chainKey(name));
    if (!entry) {
      entry = { name, rules: [], uncertain: false };
      this.#chains.set(chainKey(name), entry);
    }
    return entry;
  }

  #matching({ family, table, chain }: Partial<ChainName>): Chain[] {
    return [...this.#chains.values()].filter(
      ({ name }) =>
        (family === undefined || name.family === family) &&
        (table === undefined || name.table === table) &&
        (chain === undefined || name.chain === chain),
    );
  }
}
