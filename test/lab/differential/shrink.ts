/** The smallest firewall on which lab and oracle still differ in the same way. */

import type { Comparison, Difference } from "./compare.ts";
import { type Firewall, smaller } from "./firewall-text.ts";

/** @param ask compares; rejects for a firewall that does not load */
export async function shrink(
  firewall: Firewall,
  difference: Difference,
  ask: (candidate: Firewall) => Promise<Comparison>,
): Promise<{ firewall: Firewall; difference: Difference } | undefined> {
  const differs = async (candidate: Firewall) => {
    const found = await ask(candidate).then(
      (comparison) => comparison.differences,
      () => [],
    );
    return found.find(({ what, oracle, lab }) => what === difference.what && oracle === difference.oracle && lab === difference.lab);
  };
  // Once more: what does not come again is told as such, not shrunk.
  let shown = await differs(firewall);
  if (!shown) return undefined;
  let smallest = firewall;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of smaller(smallest)) {
      const again = await differs(candidate);
      if (!again) continue;
      [smallest, shown, found] = [candidate, again, true];
      break;
    }
  }
  return { firewall: smallest, difference: shown };
}
