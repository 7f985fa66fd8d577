/** What both formats are read into: the chain that a family's packets meet as they come in. */
import { type Family, parseAddress, parseInterface } from "../../core/address.ts";
import { type PortRange, parsePorts } from "../../core/port-range.ts";
import type { FirewallAction } from "../../openssh/model/firewall-policy.ts";

/**
 * `unknown`: something that the model does not know. `answers`: packets of established connections may be stopped. `neighbours`: IPv6 neighbour
 * discovery may be stopped. `family`: it is not certain which family a dump is for. `format`: no ruleset. `empty`: no rules at all.
 */
export type DoubtCode = "unknown" | "braces" | "commit" | "answers" | "neighbours" | "family" | "format" | "empty";

/** Conditions are and-ed; of a list one has to hold, and an empty one is no condition. */
export interface SimpleRule {
  /** 1-based. */
  line: number;
  text: string;
  families: Family[];
  /** Left out: every protocol. */
  protocols?: string[];
  /** Of ICMPv6, as nft names them. Left out: all. */
  icmpTypes?: string[];
  /** A condition on packets of other protocols than TCP was not read. */
  unread?: boolean;
  /** Of connection tracking. Left out: every state. */
  states?: string[];
  sources: string[];
  destinations: string[];
  ports: PortRange[];
  interfaces: string[];
  action: FirewallAction;
}

export interface SimpleChain {
  family: Family;
  /** 1-based: where it begins. */
  line: number;
  default: "accept" | "drop";
  /** 1-based. */
  defaultLine: number;
  rules: SimpleRule[];
}

export interface ReadChains {
  chains: SimpleChain[];
  /** Lines that were not understood. */
  doubts: { code: DoubtCode; line: number }[];
}

/** Thrown inside a reader, for one statement. */
export class NotUnderstood extends Error {}

export function notUnderstood(): never {
  throw new NotUnderstood();
}

export function emptyRule(line: number, text: string, families: readonly Family[]): SimpleRule {
  return { line, text, families: [...families], sources: [], destinations: [], ports: [], interfaces: [], action: "accept" };
}

/** An address or a network of this family, in CIDR. */
export function networkFrom(text: string, family: Family): string {
  const address = parseAddress(text);
  const network = address ? `${address.text}/${family === 4 ? 32 : 128}` : text;
  return parseInterface(network)?.family === family ? network : notUnderstood();
}

export function portsFrom(text: string): PortRange {
  return parsePorts(text) ?? notUnderstood();
}

/** A name without wildcards: `eth*` of nft and `eth+` of iptables are none, and a number is an index. */
export function interfaceFrom(text: string): string {
  return /^[\w.-]+$/.test(text) && !/^\d+$/.test(text) ? text : notUnderstood();
}

/** A second condition of the same kind would narrow the first. */
export function setOnce<Value>(before: readonly Value[], value: readonly Value[]): Value[] {
  return before.length === 0 && value.length > 0 ? [...value] : notUnderstood();
}

/** Names of protocols that decide here; every other one is `other`. */
export function protocolFrom(text: string): string {
  const name = text.toLowerCase();
  if (name === "6" || name === "tcp") return "tcp";
  if (["icmpv6", "ipv6-icmp", "icmp6", "58"].includes(name)) return "icmpv6";
  return /^[a-z\d-]+$/.test(name) ? "other" : notUnderstood();
}
