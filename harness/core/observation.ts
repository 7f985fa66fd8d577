/** What a session saw of one cell. Plain data, no expectation: `verify` applies a policy to it, others rank or compare it. */
import type { Cell } from "./cells.ts";
import type { ForwardOutcome } from "./forward-outcome.ts";
import type { ProbeResult } from "./verdict.ts";

export interface Observation {
  cell: Cell;
  probe: ProbeResult;
  /** What became of the forward, with its listeners and the logs up to the probe's end. */
  forward: ForwardOutcome;
  /** The listener that ssh or sshd opened is gone since: the session has ended. */
  ended: boolean;
}
