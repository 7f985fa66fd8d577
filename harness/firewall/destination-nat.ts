/** Which rules give packets another destination. Pure. */
import type { ListedRule } from "./rule-lines.ts";

/** Targets of iptables that nft lists as they are. */
const targets = new Set(["DNAT", "REDIRECT", "NETMAP"]);

export function translatesDestination({ expr = [] }: ListedRule): boolean {
  return expr.some((part) => {
    if (typeof part === "string") return part === "redirect" || part === "dnat";
    if ("dnat" in part || "redirect" in part) return true;
    const { xt } = part as { xt?: { name?: string } | null };
    return xt?.name !== undefined && targets.has(xt.name);
  });
}
