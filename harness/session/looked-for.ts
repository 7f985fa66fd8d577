/**
 * Where an open forward, or a service, is to be looked for: at the host's link-local addresses, too, where its rules or its listeners may let in there what
 * they stop elsewhere, or where it is asked for.
 */
import { parseTarget } from "../core/address.ts";
import type { ForwardListening } from "../core/cells.ts";
import type { ForwardLab } from "./forward-lab.ts";

/** @param listeners what the kernel says listens, `address:port` */
export function lookedFor({ prober }: ForwardLab, listening: ForwardListening, listeners: readonly string[]): ForwardListening {
  const { host, port, linkLocal } = listening;
  if (port === 0 || linkLocal === "everywhere") return listening;
  const rules = prober.rulesAt(host);
  if (rules?.tellsLinkLocal(port)) return { ...listening, linkLocal: "everywhere" };
  return tellFamilies(listeners) || rules?.tellsFamilies(port) ? { ...listening, linkLocal: "alone" } : listening;
}

/** Do they take what comes to any address of IPv6, but not of IPv4? */
function tellFamilies(listeners: readonly string[]): boolean {
  const bound = listeners.map((each) => parseTarget(each)?.address);
  return bound.includes("::") && !bound.includes("0.0.0.0");
}
