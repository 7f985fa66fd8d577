/** Why a connection was accepted and then closed. */
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import { statedRefusal } from "./refusal-reasons.ts";
import { ignoredParams, ruleOf } from "./settings.ts";

/** Settings and key options are asked again for each visitor; what the far end says of a failed dial is the last thing known. */
export function closedBy(forward: ForwardOutcome, { target, socks }: Cell): Reason {
  const refusal = statedRefusal(forward);
  if (refusal && refusal.layer !== "bind-address") return refusal;
  // What other visitors of a SOCKS proxy were refused says nothing of this one's target.
  const closing = socks ? socks.refusedBy : forward.closedBy;
  if (closing) {
    const { layer, code, params, source } = closing;
    return { layer, code, params: { ...params, ...ignoredParams(source), visitor: true }, ...ruleOf(source) };
  }
  const failed = forward.failedDials.at(-1);
  if (failed?.error === "prohibited") return { layer: "sshd-policy", code: "channel-prohibited", params: { said: failed.said } };
  const path = failed?.target && "path" in failed.target ? failed.target.path : undefined;
  if (failed?.by === "sshd" && failed.saidBy === "sshd" && path !== undefined)
    return { layer: "service", code: "target-path-failed", params: { target, account: forward.account, path, error: failed.said } };
  return { layer: "service", code: "service-silent", params: { target, ...(failed ? { by: failed.by, said: failed.said } : {}) } };
}
