/** Which layer decided what an account saw of a forward that listens on a Unix socket, and why. */
import type { Cell } from "../core/cells.ts";
import { type ForwardOutcome, listensOnServer } from "../core/forward-outcome.ts";
import type { Cause, Reason } from "../core/reason.ts";
import { formatSocketFile } from "../core/socket-file.ts";
import type { ProbeResult } from "../core/verdict.ts";
import { refusalOf } from "./refusal-reasons.ts";
import { ruleOf, settingOf } from "./settings.ts";

/** Attribution of one proven verdict. */
export function attributeSocket(cell: Cell, { verdict }: ProbeResult, forward: ForwardOutcome): Reason {
  const { address: path, as, vantage } = cell;
  const { listensOn: host } = forward;
  if (!forward.granted) return refusalOf(forward);
  if (as === undefined) return { layer: "bind-address", code: "path-elsewhere", params: { path, host, vantage } };
  const file = forward.socket?.file;
  const params = { path, host, as, ...(file ? { file: formatSocketFile(file) } : {}) };
  switch (verdict) {
    case "filtered": {
      // Where the mode lets everybody in, only a folder on the way to it can keep an account out.
      const code = file && (file.mode & 0o002) !== 0 ? "socket-folder-denies" : "socket-mode-denies";
      return { layer: "bind-address", code, params, ...maskRule(forward) };
    }
    case "reached":
    case "wrong-service":
      return {
        layer: "bind-address",
        code: "socket-mode-allows",
        params: { ...params, wrongService: verdict === "wrong-service" },
        ...maskRule(forward),
      };
    case "unreachable":
      return { layer: "bind-address", code: "socket-gone", params };
    default:
      return { layer: "service", code: "socket-without-listener", params };
  }
}

/** The client's mask is no setting of sshd. */
function maskRule(forward: ForwardOutcome): Pick<Cause, "rule" | "file" | "line"> {
  return listensOnServer(forward.kind) ? ruleOf(settingOf(forward, "streamlocalbindmask", "0177")) : {};
}
