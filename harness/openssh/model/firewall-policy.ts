/** A host's packet filter, as far as the model needs one: which new connections it lets in and out, and which it leads elsewhere. */
import type { Family } from "../../core/address.ts";
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import { type PortRange, portsText } from "../../core/port-range.ts";
import { describeLimit, type RuleLimit, RuleMemory } from "./rule-limit.ts";

export type FirewallAction = "accept" | "drop" | "reject";

/** Which new connections a rule is for. What is left out may be anything. */
export interface RuleMatch {
  family?: Family;
  /** Network in CIDR that the packet comes from. It fits packets of its own family only. */
  source?: string;
  /** Network in CIDR that the packet goes to. */
  destination?: string;
  port?: number;
  /** In place of `port`: any of these. */
  ports?: PortRange;
  /** Interface by which it comes in. */
  by?: string;
  /** Account of this host whose process connects; packets from elsewhere have none. */
  account?: string;
  limit?: RuleLimit;
}

export interface FirewallRule extends RuleMatch {
  action: FirewallAction;
  /** As a person wrote it, with its place, for a person. */
  written?: string;
}

/** Destination NAT. */
export interface Redirection extends RuleMatch {
  /** Address left out: the host's own on the interface by which the packet came in. */
  to: { address?: string; port: number };
}

/** Of each list the first rule that fits decides. */
export interface FirewallPolicy {
  /** For packets from elsewhere, before all other rules, which then see the new destination. */
  redirections?: readonly Redirection[];
  /** For packets that come in. On loopback they pass, as in every ruleset that works, unless `judgesLoopback` is set. */
  rules: readonly FirewallRule[];
  /** For packets that come in and that no rule fits. */
  default: FirewallAction;
  /** Packets on loopback meet the rules too, with `lo` as their interface. */
  judgesLoopback?: boolean;
  /** For packets of this host's own processes, those on loopback too. What no rule fits passes. */
  output?: readonly FirewallRule[];
}

/** By host of the lab; one that is left out has none. */
export type Firewalls = Readonly<Record<string, FirewallPolicy>>;

export interface NewConnection {
  family: Family;
  /** Source as the host sees it: behind a NAT, the NAT's address. Left out: the host's own, as the kernel chooses it. */
  source?: string;
  destination: string;
  port: number;
  /** Interface by which it comes in. */
  by?: string;
  /** Of the process that connects; left out: it runs elsewhere. */
  account?: string;
}

export interface Decision {
  action: FirewallAction;
  /** Left out: the default. */
  rule?: FirewallRule;
}

/** About a packet that comes in from elsewhere. */
export function decideInput(policy: FirewallPolicy | undefined, packet: NewConnection, memory?: RuleMemory): Decision {
  return decide(policy?.rules, policy?.default, packet, memory);
}

/** About a packet that a host sends to itself; undefined: such packets pass. */
export function decideLoopback(
  policy: FirewallPolicy | undefined,
  packet: Pick<NewConnection, "family" | "destination" | "port">,
  memory?: RuleMemory,
): Decision | undefined {
  // It comes from the address that it goes to.
  return policy?.judgesLoopback ? decideInput(policy, { ...packet, source: packet.destination, by: "lo" }, memory) : undefined;
}

/** About a packet of a process of this host. */
export function decideOutput(policy: FirewallPolicy | undefined, packet: NewConnection, memory?: RuleMemory): Decision {
  return decide(policy?.output, "accept", packet, memory);
}

/** The redirection of a packet from elsewhere, if any. */
export function redirectionOf(
  policy: FirewallPolicy | undefined,
  packet: NewConnection,
  memory = new RuleMemory(),
): Redirection | undefined {
  return policy?.redirections?.find((each) => fits(each, packet, memory));
}

/** Ports from which a redirection may lead to `port`, ascending. */
export function portsLeadingTo(policy: FirewallPolicy | undefined, port: number): number[] {
  const from = (policy?.redirections ?? []).flatMap((each) => (each.to.port === port && each.port !== undefined ? [each.port] : []));
  return [...new Set(from)].filter((each) => each !== port).sort((one, other) => one - other);
}

/** `drop IPv4 from 198.51.100.0/24 to port 43234`, `default drop`. */
export function describeDecision({ action, rule }: Decision): string {
  if (!rule) return `default ${action}`;
  return rule.written ?? `${action} ${describeMatch(rule)}`;
}

/** `IPv4 from 198.51.100.0/24 to port 43234, over 5 per minute`; `everything`. */
export function describeMatch({ family, source, destination, port, ports, by, account, limit }: RuleMatch): string {
  const parts = [
    ...(family === undefined ? [] : [`IPv${family}`]),
    ...(account === undefined ? [] : [`of ${account}`]),
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(destination === undefined ? [] : [`to ${destination}`]),
    ...(port === undefined ? [] : [`to port ${port}`]),
    ...(ports === undefined ? [] : [`to ports ${portsText([ports])}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ];
  return (parts.join(" ") || "everything") + (limit === undefined ? "" : `, ${describeLimit(limit)}`);
}

function decide(
  rules: readonly FirewallRule[] = [],
  fallback: FirewallAction = "accept",
  packet: NewConnection,
  memory = new RuleMemory(),
): Decision {
  const rule = rules.find((each) => fits(each, packet, memory));
  return rule ? { action: rule.action, rule } : { action: fallback };
}

function fits(rule: RuleMatch, packet: NewConnection, memory: RuleMemory): boolean {
  if (rule.family !== undefined && rule.family !== packet.family) return false;
  if (rule.port !== undefined && rule.port !== packet.port) return false;
  if (rule.ports !== undefined && (packet.port < rule.ports.first || packet.port > rule.ports.last)) return false;
  if (rule.by !== undefined && rule.by !== packet.by) return false;
  if (rule.account !== undefined && rule.account !== packet.account) return false;
  if (!within(packet.source, rule.source) || !within(packet.destination, rule.destination)) return false;
  // To others, a host sends from one address of each family.
  return rule.limit === undefined || memory.holds(rule.limit, { family: packet.family, source: packet.source ?? `IPv${packet.family}` });
}

function within(address: string | undefined, network: string | undefined): boolean {
  if (network === undefined) return true;
  const range = parseInterface(network);
  const parsed = address === undefined ? undefined : parseAddress(address);
  return range !== undefined && parsed !== undefined && contains(range, parsed);
}
