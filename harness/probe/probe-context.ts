/** What a judge of packets must know besides the packets. */

import type { Family } from "../core/address.ts";
import type { PacketEnd } from "../core/packet-end.ts";
import type { Admission } from "../core/verdict.ts";
import type { EvaluatedRule } from "./raw-probe.ts";

export interface ProbeContext {
  vantage: string;
  family: Family;
  /** Address that was dialled, without brackets. */
  address: string;
  port: number;
  /** `address:port`, IPv6 in brackets. */
  target: string;
  /** Host of the lab that owns the address, or the router for a NAT's public address. */
  targetHost: string;
  /** Where the forward listens: every `address port` there leads to it, or would if it were bound to that address. */
  listener: readonly string[];
  /** Identity of the service that a forward should lead to, and the nonce sent to it. */
  identity: string;
  nonce: string;
  kindOf(namespace: string): "host" | "router";
  describe(rule: EvaluatedRule): Admission;
  /** The rule that counts for what this one did to a packet, which had matched those before. */
  decisive(rule: EvaluatedRule, met: readonly EvaluatedRule[]): EvaluatedRule;
  /** Which ends of the packet the rule changes. */
  rewrites(rule: EvaluatedRule): readonly PacketEnd[];
  /** Does the chain, one with a hook, translate addresses? */
  ofNat(rule: EvaluatedRule): boolean;
}
