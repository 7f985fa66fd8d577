/** A result that another try may not have, with the rule that it hangs on. Pure. */
import type { Admission, PacketDecision, ProbeResult, UnsettledRule } from "../core/verdict.ts";

export function ruleOf({ rule, file, line }: PacketDecision): Admission {
  return { rule, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

export function unsettled(result: ProbeResult, rule: UnsettledRule): ProbeResult {
  return { ...result, unsettledBy: [rule, ...(result.unsettledBy ?? [])] };
}
