/** Why a forward was granted that the server must refuse. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import { ignoredParams, ruleOf, settingParams } from "./settings.ts";

/** Null where nothing is known of the server's settings. */
export function grantedBecause({ grantedBy, account }: ForwardOutcome): Reason | null {
  if (!grantedBy) return null;
  const layer = grantedBy.keyOption ? "key-options" : "sshd-policy";
  return {
    layer,
    code: "forward-permitted",
    params: { ...settingParams(grantedBy), ...ignoredParams(grantedBy), account },
    ...ruleOf(grantedBy),
  };
}
