/** What a review is made of: all that the session saw, and what the files say. Types only. */
import type { LabSpec } from "../../core/lab-spec.ts";
import type { Observation } from "../../core/observation.ts";
import type { PortRange } from "../../core/port-range.ts";
import type { Cause } from "../../core/reason.ts";
import type { Provenance, Sources } from "../../core/result.ts";
import type { CoveredLine } from "../../core/review.ts";
import type { PrincipalFacts, Repeated } from "../../core/review-facts.ts";

export interface ReviewInput {
  /** As the user named it. */
  subject: string;
  tool: { name: string; version: string };
  provenance: Provenance;
  spec: LabSpec;
  sources: Sources;
  ports: readonly { ranges: PortRange[]; asked: number[] }[];
  principals: readonly PrincipalFacts[];
  /** Forwards that stand for all listeners of their kind, by `listenerKey`. */
  representatives: readonly { forward: string; key: string; listeners: string[]; portClass: number; principal: string; ssh: string }[];
  observations: readonly Observation[];
  repeated: readonly Repeated[];
  /** What plain `sshd -T` says, lower-case keywords; undefined: it says nothing without a connection. */
  plain: ReadonlyMap<string, string> | undefined;
  firewalled: boolean;
  coverage: CoveredLine[];
  /** What keeps the review from being the whole truth. */
  doubts: Cause[];
  warnings: readonly string[];
}

/** Listeners for which a packet meets the same on its way; `account` where the firewall tells accounts apart. */
export function listenerKey(listeners: readonly string[], portClass: number, account = ""): string {
  return JSON.stringify([listeners, portClass, account]);
}

/** Without their port, sorted. */
export function addressesOf(listeners: readonly string[]): string[] {
  return listeners.map((listener) => listener.replace(/:\d+$/, "")).sort();
}
