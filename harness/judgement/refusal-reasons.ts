/** Why a forward was not granted. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import { ruleOf } from "./settings.ts";

/** Always a reason, for a forward that was not granted. */
export function refusalOf(forward: ForwardOutcome): Reason {
  return statedRefusal(forward) ?? { layer: "sshd-policy", code: "not-granted", params: {} };
}

/** Null where nobody said why. */
export function statedRefusal({ refusedBy }: ForwardOutcome): Reason | null {
  if (!refusedBy) return null;
  const { layer, code, params, source, rule } = refusedBy;
  return { layer, code, params, ...(rule ?? ruleOf(source)) };
}
