/**
 * Where an open forward, or a service, is to be looked for: at the host's link-local addresses, too, where its rules may let in there what they stop
 * elsewhere, or where it is asked for.
 */
import type { ForwardListening } from "../core/cells.ts";
import type { ForwardLab } from "./forward-lab.ts";

export function lookedFor({ prober }: ForwardLab, listening: ForwardListening): ForwardListening {
  const { host, port, linkLocal } = listening;
  if (linkLocal === "everywhere") return listening;
  const rules = port > 0 ? prober.rulesAt(host) : undefined;
  if (rules?.tellsLinkLocal(port)) return { ...listening, linkLocal: "everywhere" };
  return rules?.tellsFamilies(port) ? { ...listening, linkLocal: "alone" } : listening;
}
