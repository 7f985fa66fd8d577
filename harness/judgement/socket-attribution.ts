/** Which layer decided what an account saw of a forward that listens on a Unix socket, and why, in one sentence. */

import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { DecidedBy } from "../core/result.ts";
import { formatSocketFile } from "../core/socket-file.ts";
import type { ProbeResult } from "../core/verdict.ts";
import { isRemote, refusalOf, ruleOf, settingOf } from "./attribution.ts";

/** Attribution of one proven verdict. */
export function attributeSocket(cell: Cell, { verdict }: ProbeResult, forward: ForwardOutcome): DecidedBy {
  const { address: path, as, vantage } = cell;
  if (!forward.granted)
    return refusalOf(forward) ?? { layer: "sshd-policy", text: "The forward was not granted, so nothing listens; why is not known." };
  if (as === undefined)
    return { layer: "bind-address", text: `The forward listens on ${path} of ${forward.listensOn}, a path that ${vantage} cannot name.` };
  const file = forward.socket?.file;
  const is = file ? `${path} is ${formatSocketFile(file)}` : `${path} is there`;
  switch (verdict) {
    case "filtered": {
      // Where the mode lets everybody in, only a folder on the way to it can keep an account out.
      const text = file && (file.mode & 0o002) !== 0 ? `${is}, but a folder above it keeps ${as} out.` : `${is}, so ${as} may not open it.`;
      return { layer: "bind-address", ...maskRule(forward), text };
    }
    case "reached":
    case "wrong-service": {
      const other = verdict === "reached" ? "" : "; something else than the intended service answers";
      return { layer: "bind-address", ...maskRule(forward), text: `${is}, so ${as} may open it${other}.` };
    }
    case "unreachable":
      return { layer: "bind-address", text: `No file is at ${path} of ${forward.listensOn} any more.` };
    default:
      return { layer: "service", text: `A socket's file is at ${path}, but nobody listens on it.` };
  }
}

/** The client's mask is no setting of sshd. */
function maskRule(forward: ForwardOutcome): Partial<DecidedBy> {
  return isRemote(forward) ? ruleOf(settingOf(forward, "streamlocalbindmask", "0177")) : {};
}
