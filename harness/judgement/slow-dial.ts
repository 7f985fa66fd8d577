/** A visitor gets in, and waits: the first address that is dialled for the forward's target gives no answer. */
import { listensOnServer } from "../core/forward-outcome.ts";
import type { Observation } from "../core/observation.ts";
import type { Params } from "../core/reason.ts";
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";

/** What the words of a reason need for it. */
export function slowDialParams({ probe: { slowDial }, forward }: Pick<Observation, "probe" | "forward">): Params {
  if (!slowDial) return {};
  const { decision } = slowDial;
  return { slowDialler: dialler(forward), ...(decision ? { slowRule: decision.rule } : {}) };
}

/** Once for each forward and rule, whoever the visitors are. */
export function slowDialWarnings(observations: readonly Observation[]): Warning[] {
  return distinctWarnings(
    observations.flatMap(({ probe: { slowDial }, forward }) => {
      if (!slowDial) return [];
      const { rule, ...place } = slowDial.decision ?? {};
      return [warning("slow-dial", { forward: forward.name, dialler: dialler(forward), ...(rule === undefined ? {} : { rule }) }, place)];
    }),
  );
}

function dialler({ kind }: Observation["forward"]): "ssh" | "sshd" {
  return listensOnServer(kind) ? "ssh" : "sshd";
}
