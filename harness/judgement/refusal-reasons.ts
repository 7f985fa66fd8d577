/** Why a forward was not granted. */
import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import type { Cause, Reason } from "../core/reason.ts";
import { placeOf, ruleOf } from "./settings.ts";

/** Always a reason, for a forward that was not granted. */
export function refusalOf(forward: ForwardOutcome): Reason {
  return statedRefusal(forward) ?? { layer: "sshd-policy", code: "not-granted", params: {} };
}

/** Null where nobody said why. */
export function statedRefusal({ refusedBy }: ForwardOutcome): Reason | null {
  if (!refusedBy) return null;
  const { layer, text, source } = refusedBy;
  return { layer, code: "refused", params: { said: text }, ...sourceOf(layer, source) };
}

/** Options stand on a key's line: they are no keyword of sshd_config. */
export function sourceOf(layer: Reason["layer"], source: SettingSource | undefined): Pick<Cause, "rule" | "file" | "line"> {
  if (layer !== "key-options" || !source) return ruleOf(source);
  return { rule: source.value === "" ? source.keyword : source.value, ...placeOf(source) };
}
