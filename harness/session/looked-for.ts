/** Where an open forward, or a service, is to be looked for: at the host's link-local addresses, too, where its rules may let in there what they stop elsewhere. */
import type { ForwardListening } from "../core/cells.ts";
import type { ForwardLab } from "./forward-lab.ts";

export function lookedFor({ prober }: ForwardLab, listening: ForwardListening): ForwardListening {
  const { host, port } = listening;
  return { ...listening, linkLocal: port > 0 && (prober.rulesAt(host)?.tellsLinkLocal(port) ?? false) };
}
