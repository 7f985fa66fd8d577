/** Which rules the packets of a probe have met: what none has met, no probe can speak for. */
import type { Admission, MetRule } from "../core/verdict.ts";
import type { EvaluatedRule } from "./raw-probe.ts";

/** Each rule of this host once, as far as its place is known. */
export function metRules(evaluated: readonly EvaluatedRule[], host: string, describe: (rule: EvaluatedRule) => Admission): MetRule[] {
  const met = new Map<string, MetRule>();
  for (const rule of evaluated) {
    if (rule.at !== host) continue;
    const { file, line } = describe(rule);
    if (file === undefined || line === undefined) continue;
    const key = `${file}:${line}`;
    met.set(key, { file, line, last: met.get(key)?.last === true || rule.verdict === "accept" || rule.verdict === "drop" });
  }
  return [...met.values()];
}
