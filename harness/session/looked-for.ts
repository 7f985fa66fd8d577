/**
 * Where to probe an open forward or a service: also at the host's link-local addresses, if its rules or listeners may let in there what they stop elsewhere,
 * or if that was requested.
 */
import { parseTarget } from "../core/address.ts";
import type { ForwardListening } from "../core/cells.ts";
import type { ForwardLab } from "./forward-lab.ts";

/** @param listeners the listening sockets, according to the kernel: `address:port` */
export function lookedFor({ prober }: ForwardLab, listening: ForwardListening, listeners: readonly string[]): ForwardListening {
  const { host, port, linkLocal } = listening;
  if (port === 0 || linkLocal === "everywhere") return listening;
  const rules = prober.rulesAt(host);
  if (rules?.tellsLinkLocal({ port })) return { ...listening, linkLocal: "everywhere" };
  return tellFamilies(listeners) || rules?.tellsFamilies({ port }) ? { ...listening, linkLocal: "alone" } : listening;
}

/** Do they listen on all IPv6 addresses, but not on all IPv4 addresses? */
function tellFamilies(listeners: readonly string[]): boolean {
  const bound = listeners.map((each) => parseTarget(each)?.address);
  return bound.includes("::") && !bound.includes("0.0.0.0");
}
