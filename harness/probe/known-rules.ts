/** The rules that are loaded in each namespace of a lab: told for hosts, read for routers when one of theirs is first met. */
import type { PacketEnd } from "../core/packet-end.ts";
import type { Admission } from "../core/verdict.ts";
import type { Lab } from "../lab/lab.ts";
import { type ReadRules, readRules } from "../lab/read-rules.ts";
import type { EvaluatedRule } from "./raw-probe.ts";

export class KnownRules {
  readonly #lab: Lab;
  readonly #rules = new Map<string, ReadRules>();
  /** Being read: many probes cross the same router at the same time. */
  readonly #reading = new Map<string, Promise<void>>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  use(namespace: string, rules: ReadRules): void {
    this.#rules.set(namespace, rules);
  }

  at(namespace: string): ReadRules | undefined {
    return this.#rules.get(namespace);
  }

  /** Reads what is not known yet of the namespaces where these were evaluated. */
  async know(evaluated: readonly EvaluatedRule[]): Promise<void> {
    const places = new Set(evaluated.filter(({ verdict }) => verdict !== "continue").map(({ at }) => at));
    await Promise.all([...places].map((at) => this.#read(at)));
  }

  describe(rule: EvaluatedRule): Admission {
    const known = this.#rules.get(rule.at)?.describe(handleOf(rule));
    return known ?? { rule: `${rule.family} ${rule.table} ${rule.chain} ${rule.kind}` };
  }

  /** See `ReadRules`: all of them where one packet was. */
  decisive(rule: EvaluatedRule, met: readonly EvaluatedRule[]): EvaluatedRule {
    return (
      this.#rules.get(rule.at)?.decisive(
        handleOf(rule),
        met.filter(({ kind }) => kind === "rule"),
      ) ?? rule
    );
  }

  /** Which ends of the packet it changes. */
  rewrites(rule: EvaluatedRule): readonly PacketEnd[] {
    return this.#rules.get(rule.at)?.rewrites(handleOf(rule)) ?? [];
  }

  /** Does the chain, one with a hook, translate addresses? */
  ofNat(rule: EvaluatedRule): boolean {
    return this.#rules.get(rule.at)?.ofNat(rule) ?? false;
  }

  async #read(at: string): Promise<void> {
    if (this.#rules.has(at)) return;
    const reading =
      this.#reading.get(at) ??
      readRules(this.#lab, at)
        .then((rules) => {
          // What was told meanwhile is newer.
          if (!this.#rules.has(at)) this.#rules.set(at, rules);
        })
        .finally(() => this.#reading.delete(at));
    this.#reading.set(at, reading);
    await reading;
  }
}

/** A chain's policy has no handle, whatever the last rule's was. */
function handleOf(rule: EvaluatedRule): EvaluatedRule {
  return { ...rule, handle: rule.kind === "rule" ? rule.handle : null };
}
