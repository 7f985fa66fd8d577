/** What each chain holds while a firewall file is read from top to bottom. */
import type { ChainName, RulePosition } from "./firewall-files.ts";

interface Chain {
  name: ChainName;
  rules: RulePosition[];
  /** The statement `policy …`. */
  policy?: RulePosition;
  /** The statement `type … hook …`, where nft's default policy begins. */
  hook?: RulePosition;
  /** The order can no longer be known from the files. */
  uncertain: boolean;
}

const key = ({ family, table, chain }: ChainName) => `${family} ${table} ${chain}`;

/** Rules by chain, in the order of evaluation. */
export class ChainBook {
  readonly #chains = new Map<string, Chain>();

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

  /** Removes the chains that are named; what is left out means any. */
  remove(which: Partial<ChainName>): void {
    for (const chain of this.#matching(which)) this.#chains.delete(key(chain.name));
  }

  /** True when nothing here is hooked into the kernel's packet path. */
  get filtersNothing(): boolean {
    return ![...this.#chains.values()].some((chain) => chain.hook ?? chain.policy);
  }

  positions(): RulePosition[] {
    return [...this.#chains.values()].flatMap((chain) => {
      const policy = chain.policy ?? chain.hook;
      return [...(policy ? [policy] : []), ...(chain.uncertain ? [] : chain.rules)];
    });
  }

  #chain({ family, table, chain }: ChainName): Chain {
    const name = { family, table, chain };
    let entry = this.#chains.get(key(name));
    if (!entry) {
      entry = { name, rules: [], uncertain: false };
      this.#chains.set(key(name), entry);
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
