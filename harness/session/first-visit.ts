/**
 * Makes every login and every probe the first one that the server's firewall sees: a block that only the lab's own traffic caused would be a lie.
 * Where no rule has state, nothing waits and nothing is reset.
 */
import type { LoadedRules } from "../lab/apply-firewall.ts";

export class FirstVisit {
  readonly #rules: () => Pick<LoadedRules, "stateful" | "resetState">;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(rules: () => Pick<LoadedRules, "stateful" | "resetState">) {
    this.#rules = rules;
  }

  /** Do rules with state stand in the way? */
  get counts(): boolean {
    return this.#rules().stateful;
  }

  /** Does it alone, on rules that have seen nothing yet. What `visit` does through `again` starts on fresh rules once more, and leaves them fresh. */
  async make<T>(visit: (again: <U>(inner: () => Promise<U>) => Promise<U>) => Promise<T>): Promise<T> {
    if (!this.counts) return visit((inner) => inner());
    const before = this.#turn;
    const mine = Promise.withResolvers<void>();
    this.#turn = mine.promise;
    await before;
    try {
      const rules = this.#rules();
      await rules.resetState();
      return await visit(async (inner) => {
        await rules.resetState();
        return inner().finally(() => rules.resetState());
      });
    } finally {
      mine.resolve();
    }
  }
}
