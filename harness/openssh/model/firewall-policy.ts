/** A host's packet filter, as far as the model needs one: which new connections it lets in. */
import type { Family } from "../../core/address.ts";
import { contains, parseAddress, parseInterface } from "../../core/address.ts";

export type FirewallAction = "accept" | "drop" | "reject";

export interface FirewallRule {
  /** Left out: both. */
  family?: Family;
  /** Network in CIDR that the packet comes from; left out: any. It fits packets of its own family only. */
  source?: string;
  /** Left out: any. */
  port?: number;
  action: FirewallAction;
}

/** The first rule that fits decides, then the default. Packets on loopback always pass, as in every ruleset that works. */
export interface FirewallPolicy {
  rules: readonly FirewallRule[];
  default: FirewallAction;
}

export const noFirewall: FirewallPolicy = { rules: [], default: "accept" };

export interface NewConnection {
  family: Family;
  /** Source as the host sees it: behind a NAT, the NAT's address. */
  source: string;
  port: number;
}

/** The rule that decides, or the default. */
export function decide(policy: FirewallPolicy, packet: NewConnection): { action: FirewallAction; rule?: FirewallRule } {
  const rule = policy.rules.find((each) => fits(each, packet));
  return rule ? { action: rule.action, rule } : { action: policy.default };
}

/** `IPv4 from 198.51.100.0/24 to port 43234`. */
export function describeRule({ family, source, port }: FirewallRule): string {
  const parts = [family === undefined ? "" : `IPv${family}`, source ? `from ${source}` : "", port === undefined ? "" : `to port ${port}`];
  return parts.filter((part) => part !== "").join(" ") || "everything";
}

function fits(rule: FirewallRule, packet: NewConnection): boolean {
  if (rule.family !== undefined && rule.family !== packet.family) return false;
  if (rule.port !== undefined && rule.port !== packet.port) return false;
  if (rule.source === undefined) return true;
  const network = parseInterface(rule.source);
  const source = parseAddress(packet.source);
  return network !== undefined && source !== undefined && contains(network, source);
}
