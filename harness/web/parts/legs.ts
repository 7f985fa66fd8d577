/** The way of a cell's packets, leg by leg: who dials whom, through what, what encrypts it, and where it ended. */
import { listensOnServer, serverOf } from "../../core/forward-outcome.ts";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { hostId, type Network, wayBetween } from "./network.ts";

/** `visit`: the visitor's own connection; `tunnel`: the channel inside ssh's connection; `dial`: from the tunnel's end to the service. */
export type LegName = "visit" | "tunnel" | "dial";

/** `passed`: the packets went all the way; `stopped`: they ended on it; `untried`: they never came so far; `unknown`: nothing proves it. */
export type LegState = "passed" | "stopped" | "untried" | "unknown";

export interface Leg {
  name: LegName;
  from: string;
  /** A host, or the service's own name. */
  to: string;
  /** Nodes of the picture, both ends included. One: it does not leave the host. */
  way: string[];
  state: LegState;
  /** Where it ended. */
  stoppedAt?: string;
  encrypted: boolean;
}

export function legsOf(
  { topology }: Pick<Result, "topology">,
  network: Network,
  cell: ResultCell,
  forward: ResultForward | undefined,
): Leg[] {
  const atServer = forward?.kind ? listensOnServer(forward.kind) : forward?.listensOn !== forward?.from;
  const server = serverOf(forward ?? {});
  const listener = forward?.listensOn ?? (atServer || !forward ? server : forward.from);
  const far = atServer ? (forward?.from ?? "home") : server;
  const visitor = topology.hosts[cell.vantage] === undefined && !network.nodes.has(hostId(cell.vantage)) ? listener : cell.vantage;
  const service = serviceOf(cell, forward);
  const visit = wayBetween(network, hostId(visitor), hostId(listener));
  // From its listener to its far end, through the jump hosts of ssh's connection.
  const jumps = atServer ? (forward?.jump ?? []).toReversed() : (forward?.jump ?? []);
  const stops = [listener, ...jumps, far].map(hostId);
  const parts = stops.slice(1).map((stop, at) => wayBetween(network, stops[at] as string, stop));
  const tunnel = parts.every((part) => part.length > 0) ? parts.flatMap((part, at) => (at === 0 ? part : part.slice(1))) : [];
  const { states, stoppedAt } = progress(cell, network, visit);
  const legs: Leg[] = [
    { name: "visit", from: cell.vantage, to: listener, way: visit, state: states[0], encrypted: false },
    { name: "tunnel", from: listener, to: far, way: tunnel, state: states[1], encrypted: true },
    { name: "dial", from: far, to: service, way: [hostId(far)], state: states[2], encrypted: false },
  ];
  return legs.map((leg) => (leg.state === "stopped" ? stopped(leg, stoppedAt) : leg));
}

/** It goes on the picture as far as it came. */
function stopped(leg: Leg, stoppedAt: string | undefined): Leg {
  const at = stoppedAt !== undefined && leg.way.includes(stoppedAt) ? stoppedAt : leg.way.at(-1);
  return { ...leg, ...(at === undefined ? {} : { stoppedAt: at, way: leg.way.slice(0, leg.way.indexOf(at) + 1) }) };
}

type States = readonly [LegState, LegState, LegState];

function progress(cell: ResultCell, network: Network, visit: readonly string[]): { states: States; stoppedAt?: string } {
  const stoppedAt = stopOf(cell, network, visit);
  const dialled = cell.decidedBy?.code.startsWith("target-") || cell.decidedBy?.layer === "service" || cell.decidedBy?.layer === "client";
  switch (cell.observed) {
    case "reached":
      return { states: ["passed", "passed", "passed"] };
    case "wrong-service":
      return { states: ["passed", "unknown", "unknown"] };
    case "closed":
      return dialled ? { states: ["passed", "passed", "stopped"] } : { states: ["passed", "stopped", "untried"] };
    case "inconclusive":
      return { states: ["unknown", "unknown", "unknown"] };
    default:
      return { states: ["stopped", "untried", "untried"], ...(stoppedAt === undefined ? {} : { stoppedAt }) };
  }
}

/** Where the visitor's packet ended: what dropped it; else the reason; else as far along the way as the trace saw anything. */
function stopOf({ evidence, decidedBy }: ResultCell, network: Network, way: readonly string[]): string | undefined {
  const trace = evidence.trace ?? [];
  const dropped = trace.findLast(({ verdict }) => verdict === "drop" || verdict === "reject");
  const named = [dropped?.at, decidedBy?.params.at, decidedBy?.params.nat].flatMap((name) => (typeof name === "string" ? idsOf(name) : []));
  const seen = new Set(trace.flatMap(({ at }) => idsOf(at)));
  return named.find((id) => network.nodes.has(id)) ?? way.findLast((id) => seen.has(id));
}

function idsOf(name: string): string[] {
  return [`router:${name}`, hostId(name)];
}

/** What is behind the tunnel, as typed: `localhost:3389`. */
export function serviceOf({ target }: Pick<ResultCell, "target">, forward: ResultForward | undefined): string {
  const socks = target.split(" → ")[1];
  if (socks !== undefined) return socks;
  const typed = /-[RL]\s*(\S+)/.exec(forward?.ssh ?? "")?.[1] ?? "";
  const parts = /(?:^|:)((?:\[[^\]]+\]|[^:/[\]]+):(?:\d+|[a-z][\w-]*)|\/[^:]*)$/.exec(typed)?.[1];
  return parts !== undefined && parts !== typed ? parts : "";
}

/** Hosts whose own rules decided something. */
export function firewallsOf({ cells }: { cells: readonly Pick<ResultCell, "decidedBy">[] }): Set<string> {
  const hosts = cells.flatMap(({ decidedBy }) => {
    if (decidedBy?.layer !== "server-firewall") return [];
    const { at, host } = decidedBy.params;
    return [at, host].filter((name) => typeof name === "string");
  });
  return new Set(hosts.map(hostId));
}
