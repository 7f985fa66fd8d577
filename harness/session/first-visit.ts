/**
 * Makes every login and every probe the first one that the server's firewall sees: a block that only the lab's own traffic caused would be a lie.
 * What no rule with state can meet waits for nothing, and resets nothing.
 */
import type { LoadedRules } from "../lab/apply-firewall.ts";
import { Turns } from "../probe/turns.ts";

/** Turns are taken at the one server. */
const server = "server";

/** A connection to the server: what its rules may know it by. Left out: anything. */
export type Visit = Parameters<LoadedRules["statefulFor"]>[0];

/** Does something before the visit itself, which then finds fresh rules again. */
export type Before = <T>(inner: () => Promise<T>) => Promise<T>;

export class FirstVisit {
  readonly #rules: () => Pick<LoadedRules, "stateful" | "statefulFor" | "resetState">;
  readonly #turns = new Turns();

  constructor(rules: () => Pick<LoadedRules, "stateful" | "statefulFor" | "resetState">) {
    this.#rules = rules;
  }

  /** May a rule with state decide about it? */
  counts(visit: Visit): boolean {
    const rules = this.#rules();
    return rules.stateful && rules.statefulFor(visit).length > 0;
  }

  /** A visit that counts is made alone, on rules that have seen nothing yet; others may leave a trace (a knock), and are kept apart from it. */
  make<T>(visit: Visit, work: (before: Before) => Promise<T>): Promise<T> {
    const rules = this.#rules();
    if (!rules.stateful) return work((inner) => inner());
    if (!this.counts(visit)) return this.#turns.shared(server, () => work((inner) => inner()));
    return this.#turns.alone(server, async () => {
      await rules.resetState();
      return work((inner) => inner().finally(() => rules.resetState()));
    });
  }
}
