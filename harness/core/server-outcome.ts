/** What the comparison of one server of a fleet comes to. Apart from its schema, which no page needs. */
import type { DiffOutcome } from "./diff.ts";
import type { DiffFleetServer } from "./diff-fleet.ts";

export function serverOutcome({ diff }: DiffFleetServer): DiffOutcome {
  return diff?.outcome ?? "inconclusive";
}
