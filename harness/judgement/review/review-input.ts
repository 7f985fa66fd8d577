/** What a review is made of: all that the session saw, and what the files say. */

import { formatTarget } from "../../core/address.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import type { Observation } from "../../core/observation.ts";
import type { PortRange } from "../../core/port-range.ts";
import type { Cause } from "../../core/reason.ts";
import type { Provenance, Sources, Unworded } from "../../core/result.ts";
import type { CoveredLine, ReviewFinding } from "../../core/review.ts";
import type { DialAsk, PrincipalFacts, Repeated, Representative } from "../../core/review-facts.ts";
import type { Warning } from "../../core/warning.ts";

export interface ReviewInput {
  /** As the user named it. */
  subject: string;
  /** The one of several. */
  server?: string;
  tool: { name: string; version: string };
  provenance: Unworded<Provenance>;
  spec: LabSpec;
  sources: Sources;
  ports: readonly { ranges: PortRange[]; asked: number[] }[];
  principals: readonly PrincipalFacts[];
  representatives: readonly Representative[];
  observations: readonly Observation[];
  repeated: readonly Repeated[];
  /** What plain `sshd -T` says, lower-case keywords; undefined: it says nothing without a connection. */
  plain: ReadonlyMap<string, string> | undefined;
  firewalled: boolean;
  coverage: CoveredLine[];
  /** What keeps the review from being the whole truth. */
  doubts: Cause[];
  warnings: readonly Warning[];
}

/** What a finding, or a review, comes down to: one for each principal, class of ports, class of sources and address of the server, or target. */
export type Exposure = string;

const local = "server";

/** @param at the server's address where the visitor reaches it */
export function listenExposure(
  principal: string,
  portClass: number,
  visitor: { vantage: string; family: 4 | 6 } | undefined,
  at = "",
): Exposure {
  return JSON.stringify(["listen", principal, portClass, visitor ? `${visitor.vantage} ${visitor.family}` : local, at]);
}

export function dialExposure(principal: string, target: string): Exposure {
  return JSON.stringify(["dial", principal, target]);
}

/** Who of outside reaches which address of the server by it; `null`: processes of the server do. Undefined: it is about no listener. */
export function visitOf(exposure: Exposure): { vantage: string; family: number; at: string } | null | undefined {
  const [kind, , , visitor, at] = JSON.parse(exposure) as (string | number)[];
  if (kind !== "listen") return undefined;
  if (visitor === local) return null;
  const [vantage = "", family] = String(visitor).split(" ");
  return { vantage, family: Number(family), at: String(at) };
}

/** Id of the principal that it is about. */
export function principalOf(exposure: Exposure): string {
  return (JSON.parse(exposure) as string[])[1] ?? "";
}

export interface Found {
  finding: Unworded<ReviewFinding>;
  exposures: Exposure[];
}

/** Are these all accounts of the review? */
export function isEverybody(accounts: readonly string[], { principals }: Pick<ReviewInput, "principals">): boolean {
  return accounts.length === new Set(principals.map(({ account }) => account)).size;
}

/** `host:port`, or the path of a Unix socket. */
export function targetText({ kind, host, port }: DialAsk): string {
  return kind === "socket" ? host : formatTarget(host, port);
}
