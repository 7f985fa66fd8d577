/** What packet filters make of a visitor's packet: as it leaves its host, and as it arrives at the listener's. */
import { type Family, formatTarget } from "../../core/address.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { linkLocalOf } from "../../core/link-local.ts";
import type { Judged } from "./behind.ts";
import {
  type Decision,
  decideInput,
  decideLoopback,
  decideOutput,
  describeDecision,
  describeMatch,
  type Firewalls,
  type NewConnection,
  type Redirection,
  redirectionOf,
} from "./firewall-policy.ts";
import { addressesOf } from "./route.ts";
import type { RuleMemory } from "./rule-limit.ts";

export interface Arrival {
  family: Family;
  source: string;
  /** Destination, after any redirection. */
  address: string;
  port: number;
  /** Interface by which it comes in. */
  by: string;
  /** What the redirection comes to when nothing answers where it leads. */
  redirected?: Judged;
}

/** Undefined: the packet leaves its host. */
export function leave(firewalls: Firewalls, host: string, packet: NewConnection, memory: RuleMemory): Judged | undefined {
  const decision = decideOutput(firewalls[host], packet, memory);
  if (decision.action === "accept") return undefined;
  const which = describeDecision(decision);
  const why = {
    en: `The firewall on ${host} does not let it out (${which}).`,
    ja: `${host} のファイアウォールが外へ出しません(${which})。`,
  };
  return filtered(host, why, decision);
}

/** Where a packet from another host arrives after all rules of this one, or why it does not. */
export function arrive(spec: LabSpec, firewalls: Firewalls, host: string, packet: Arrival, memory: RuleMemory): Arrival | Judged {
  const { family, source, address: destination, port, by } = packet;
  const redirection = redirectionOf(firewalls[host], { family, source, destination, port, by }, memory);
  const arrival = redirection ? redirect(spec, host, packet, redirection) : packet;
  if ("verdict" in arrival) return arrival;
  const decision = decideInput(firewalls[host], { family, source, destination: arrival.address, port: arrival.port, by }, memory);
  return decision.action === "accept" ? arrival : stopped(host, source, decision);
}

/** Undefined: a packet that the host sends to itself comes through. */
export function onLoopback(
  firewalls: Firewalls,
  host: string,
  packet: Pick<NewConnection, "family" | "destination" | "port">,
  memory: RuleMemory,
): Judged | undefined {
  const decision = decideLoopback(firewalls[host], packet, memory);
  return decision && decision.action !== "accept" ? stopped(host, packet.destination, decision) : undefined;
}

function redirect(spec: LabSpec, host: string, packet: Arrival, redirection: Redirection): Arrival | Judged {
  const { to } = redirection;
  const linkLocal = linkLocalAddresses(spec, host, packet.by).find((each) => each === packet.address);
  // The interface's first address with the same scope.
  const address =
    to.address ?? linkLocal ?? addressesOf(spec, host, packet.by).find((each) => each.includes(":") === (packet.family === 6));
  const led = `${describeMatch(redirection)} → ${address === undefined ? "" : formatTarget(address, to.port)}`;
  const redirected = filtered(host, {
    en: `The firewall on ${host} leads it elsewhere (${led}), where nothing answers.`,
    ja: `${host} のファイアウォールが別の宛先へ導き(${led})、そこでは何も応答しません。`,
  });
  if (address === undefined || !(address === linkLocal || addressesOf(spec, host).includes(address))) return redirected;
  const moved = address !== packet.address || to.port !== packet.port;
  return { ...packet, address, port: to.port, ...(moved ? { redirected } : {}) };
}

function linkLocalAddresses(spec: LabSpec, host: string, by: string): string[] {
  const wires = spec.hosts[host]?.interfaces ?? [];
  return wires.filter(({ name }) => name === by).flatMap((wire) => linkLocalOf(spec, host, wire) ?? []);
}

function stopped(host: string, source: string, decision: Decision): Judged {
  const who = describeDecision(decision);
  const why = {
    en: `The firewall on ${host} stops it (${who}); it sees ${source}.`,
    ja: `${host} のファイアウォールが止めます(${who})。送信元は ${source} に見えます。`,
  };
  return filtered(host, why, decision);
}

function filtered(host: string, why: Judged["why"], by?: Decision): Judged {
  const dropped = by?.action === "drop" ? { dropped: true as const } : {};
  return { verdict: "filtered", at: host, layer: host === "server" ? "server-firewall" : "client", why, ...dropped };
}
