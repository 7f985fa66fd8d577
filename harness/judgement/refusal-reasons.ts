/** Why a forward was not granted. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Reason } from "../core/reason.ts";
import { ignoredParams, ruleOf } from "./settings.ts";

/** Always a reason, for a forward that was not granted. */
export function refusalOf(forward: ForwardOutcome): Reason {
  return statedRefusal(forward) ?? { layer: "sshd-policy", code: "not-granted", params: {} };
}

/** Null where nobody said why. */
export function statedRefusal({ refusedBy }: Pick<ForwardOutcome, "refusedBy">): Reason | null {
  if (!refusedBy) return null;
  const { layer, code, params, source, rule } = refusedBy;
  return { layer, code, params: { ...params, ...ignoredParams(source) }, ...(rule ?? ruleOf(source)) };
}

/** The bind address that does not resolve, where that is for want of an address in the lab: the real host may well know the name. */
export function unknownBindName(
  { granted, refusedBy }: Pick<ForwardOutcome, "granted" | "refusedBy">,
  { names = {} }: Pick<LabSpec, "names">,
): string | undefined {
  if (granted || refusedBy?.code !== "unknown-name") return undefined;
  const name = String(refusedBy.params.name ?? "");
  const known = Object.keys(names).some((each) => each.toLowerCase() === name.toLowerCase());
  return known || !/^[^:]*[a-z][^:]*$/i.test(name) ? undefined : name;
}
