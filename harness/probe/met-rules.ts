/** Which rules the packets of probes have met so far: what a review never met, it cannot speak for. */
import type { Admission } from "../core/verdict.ts";
import type { EvaluatedRule } from "./raw-probe.ts";

export class MetRules {
  /** By host or router, then by place: did it have the last word? */
  readonly #met = new Map<string, Map<string, boolean>>();

  note(rules: readonly EvaluatedRule[], describe: (rule: EvaluatedRule) => Admission): void {
    for (const rule of rules) {
      const { file, line } = describe(rule);
      if (file === undefined || line === undefined) continue;
      const own = this.#met.get(rule.at) ?? new Map<string, boolean>();
      this.#met.set(rule.at, own);
      own.set(placeKey(file, line), own.get(placeKey(file, line)) === true || rule.verdict === "accept" || rule.verdict === "drop");
    }
  }

  /** Undefined: no packet has met it. `true`: it let one through, or stopped it. */
  at(host: string, file: string, line: number): boolean | undefined {
    return this.#met.get(host)?.get(placeKey(file, line));
  }
}

function placeKey(file: string, line: number): string {
  return `${file}:${line}`;
}
