/** From a policy to what was seen of it: its lab is started, its forwards are opened and probed. */
import { type Cell, cellsOf } from "../core/cells.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { policyFor } from "../policy/servers.ts";
import { targetEnd } from "./forward-ends.ts";
import type { ForwardLab } from "./forward-lab.ts";
import { type Observed, observe } from "./observe.ts";
import { planBatches, standTogether } from "./plan-batches.ts";
import { policyForwards } from "./policy-forwards.ts";
import { requestedListeners } from "./policy-lab.ts";

export interface PolicyObserved extends Observed {
  /** Cells that were not probed, as the lab failed its self-check. */
  unobserved: Cell[];
}

/**
 * Opens and probes the named forwards; a lab that fails its self-check gives no observation.
 * @param spec the lab's, or with fewer hosts: those to probe from
 */
export async function observePolicy(
  lab: ForwardLab,
  loaded: LoadedPolicy,
  names: readonly string[],
  spec: LabSpec,
  signal?: AbortSignal,
): Promise<PolicyObserved> {
  const sound = lab.checks.every(({ ok }) => ok);
  if (!sound)
    return { observations: [], outcomes: [], closed: Promise.resolve(), unobserved: cellsOf(spec, requestedListeners(loaded, names)) };
  const forwards = policyForwards(loaded, names);
  // Before the first is opened: a mistake in the last one is not to take the time of all others.
  for (const forward of forwards) targetEnd(lab.lab.spec, forward);
  return {
    ...(await observe(lab, forwards, {
      spec,
      ...(signal ? { signal } : {}),
      sysctl: (server) => policyFor(loaded.policy, server).server.sysctl ?? {},
    })),
    unobserved: [],
  };
}

/** Opens the forwards once more and lets the lab outlive this process; of forwards that want the same port, the first has it. */
export async function keepOpen(lab: ForwardLab, loaded: LoadedPolicy, names: readonly string[]): Promise<void> {
  await lab.removeSocketFiles();
  const { spec } = lab.lab;
  for (const batch of planBatches(spec, standTogether(spec, policyForwards(loaded, names)))) await lab.openTogether(batch);
  await lab.lab.keep();
}
