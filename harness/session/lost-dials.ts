/**
 * Dials that rules drop for good are aborted as soon as the trace shows it: the dialling process reports the failure, or tries the target's next address,
 * without waiting for the kernel's timers. Where the kernel cannot do that, its timers are short meanwhile.
 */
import type { Fabric } from "../lab/fabric.ts";
import type { HeldSettings } from "../lab/held-settings.ts";
import { soonGivenUp } from "../probe/dial-fallback.ts";
import type { Dial } from "../probe/probe.ts";

export interface LostDialsIn {
  fabric: Fabric;
  settings: HeldSettings;
}

/** While `work` runs. */
export function endingLostDials<T>({ fabric, settings }: LostDialsIn, dial: Dial, work: () => Promise<T>): Promise<T> {
  const { addresses: _, ...asked } = dial;
  return settings.during(dial.at, soonGivenUp, async () => {
    const { ending } = await fabric.request("end_lost_dials", { dial: asked });
    try {
      return await work();
    } finally {
      await fabric.request("leave_lost_dials", { ending });
    }
  });
}
