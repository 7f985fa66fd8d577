/** What to do next when an expectation about a forward that listens on a Unix socket did not hold. */

import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import { type Expectation, type Verdict, wantsReach } from "../core/verdict.ts";
import { isRemote, settingOf } from "./attribution.ts";

/** One imperative sentence; undefined where the advice is the same as for a port. */
export function adviseSocket(cell: Cell, expected: Expectation, observed: Verdict, forward: ForwardOutcome): string | undefined {
  if (!forward.granted) return undefined;
  const { as, address: path } = cell;
  const owner = forward.socket?.file?.owner ?? forward.account;
  if (as === undefined) return `give the forward a port instead of ${path}: a path is for processes of ${forward.listensOn} alone`;
  if (wantsReach(expected)) {
    if (observed === "filtered") return `${setMask(forward, "0111")}, or let ${owner} run what is to open ${path}`;
    return observed === "closed" ? undefined : `open the forward again: nobody listens on ${path} any more`;
  }
  if (as === "root" || as === owner)
    return `do not open this forward, or put authentication into the service: nothing keeps ${as} from ${path}`;
  return observed === "reached" || observed === "wrong-service" ? setMask(forward, "0177") : undefined;
}

function setMask(forward: ForwardOutcome, mask: string): string {
  if (!isRemote(forward)) return `type \`-o StreamLocalBindMask=${mask}\``;
  const { file, line } = settingOf(forward, "streamlocalbindmask");
  const where = file === undefined ? "in sshd_config" : `at ${line === undefined ? file : `${file}:${line}`}`;
  return `set \`StreamLocalBindMask ${mask}\` ${where} and reload sshd`;
}
