/** Why a connection was accepted and then closed. */
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import { sourceOf, statedRefusal } from "./refusal-reasons.ts";

export function closedBy(forward: ForwardOutcome, { target }: Cell): Reason {
  const refusal = statedRefusal(forward);
  if (refusal && refusal.layer !== "bind-address") return refusal;
  if (forward.closedBy) {
    const { layer, text, source } = forward.closedBy;
    return { layer, code: "channel-refused", params: { said: text }, ...sourceOf(layer, source) };
  }
  const failed = /connect_to .*|channel \d+: open failed: .*/.exec(forward.clientLog)?.[0]?.trim();
  if (failed && /administratively prohibited/.test(failed))
    return { layer: "sshd-policy", code: "channel-refused", params: { said: failed } };
  const onPath = /connect to (\/.*) port -2 failed: (.*)/.exec(forward.serverLog);
  if (onPath) {
    const [, path = "", error = ""] = onPath;
    return { layer: "service", code: "target-path-failed", params: { target, account: forward.account, path, error } };
  }
  return { layer: "service", code: "service-silent", params: { target, ...(failed ? { said: failed } : {}) } };
}
