/** Which rules give packets another destination. Pure. */
import { field, isDestinationPort, type Json } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";

/** Targets of iptables that nft lists as they are. */
const targets = new Set(["DNAT", "REDIRECT", "NETMAP"]);

export function translatesDestination({ expr = [] }: ListedRule): boolean {
  return expr.some((part) => {
    if (typeof part === "string") return part === "redirect" || part === "dnat";
    if ("dnat" in part || "redirect" in part || isDestination(field(part as Json, "mangle"))) return true;
    const { xt } = part as { xt?: { name?: string } | null };
    return xt?.name !== undefined && targets.has(xt.name);
  });
}

/** `tcp dport set 43234`, `ip daddr set 192.0.2.1`: written into each packet, without connection tracking. */
function isDestination(mangle: Json): boolean {
  const key = field(mangle, "key");
  return isDestinationPort(key) || field(field(key, "payload"), "field") === "daddr";
}
