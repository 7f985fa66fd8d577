/** How far a result proves that a packet got: which layers stopped it, and which let it through. */
import { parseTarget, withoutPrefix } from "../../core/address.ts";
import type { Layer } from "../../core/reason.ts";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { blockedVerdicts } from "../../core/verdict.ts";
import { listensAt } from "../listeners.ts";

/** What a visitor's packet meets, in this order. */
const defences = ["way", "firewall", "listener"] as const;
type Defence = (typeof defences)[number];

/** The layer that stopped it; `passed`: it let the packet through. Missing: nothing is proven. */
export type Stops = Partial<Record<Defence, Layer | "passed">>;

/** What one blocked cell proves of each defence. Opening a Unix socket sends no packet: nothing. */
export function stopsOf(result: Pick<Result, "topology">, cell: ResultCell, forward: ResultForward | undefined): Stops {
  if (cell.family === null || !blockedVerdicts.includes(cell.observed)) return {};
  const stoppedAt = stoppingDefence(cell, forward);
  if (stoppedAt === undefined) return {};
  const seen = Object.fromEntries(
    defences
      .slice(0, defences.indexOf(stoppedAt.defence) + 1)
      .map((defence) => [defence, defence === stoppedAt.defence ? stoppedAt.by : "passed"]),
  ) as Stops;
  return seen.listener === undefined && forward ? { ...seen, ...listenerOf(result, cell, forward) } : seen;
}

/** Layers that stopped the packet before and let it through now. Of `stopsOf` of both sides; the other way round, those that came. */
export function layersLost(before: Stops, after: Stops): Layer[] {
  return defences.flatMap((defence) => {
    const stopped = before[defence];
    return stopped !== undefined && stopped !== "passed" && after[defence] === "passed" ? [stopped] : [];
  });
}

const firewallCodes = ["packet-dropped", "packet-rejected", "packet-redirected", "answer-rewritten"];
const pathCodes = ["no-route", "nat-leads-nowhere", "nat-port-not-forwarded"];

function stoppingDefence(
  { decidedBy, observed }: ResultCell,
  forward: ResultForward | undefined,
): { defence: Defence; by: Layer | "passed" } | undefined {
  if (!decidedBy) return undefined;
  const { code, layer, params } = decidedBy;
  if (pathCodes.includes(code)) return { defence: "way", by: layer };
  if (firewallCodes.includes(code)) {
    // An answer that is dropped on its way back tells nothing of what the packet itself met.
    if (params.direction !== "request" && params.direction !== "neighbour") return passedAll(observed);
    return params.at === forward?.listensOn ? { defence: "firewall", by: layer } : { defence: "way", by: layer };
  }
  if (observed === "refused") return { defence: "listener", by: layer };
  return passedAll(observed);
}

/** Accepted, then closed: the packet was let through by all of them. */
function passedAll(observed: ResultCell["observed"]): { defence: Defence; by: "passed" } | undefined {
  return observed === "closed" ? { defence: "listener", by: "passed" } : undefined;
}

/** Does the forward listen where the packet was going? Known of the listening host's own addresses and the forward's own ports. */
function listenerOf(
  { topology }: Pick<Result, "topology">,
  { target }: ResultCell,
  forward: ResultForward,
): Pick<Stops, "listener"> | undefined {
  const { listensOn, listeners, granted, decidedBy, requested } = forward;
  const parts = parseTarget(target);
  if (!parts || listensOn === null) return undefined;
  const own = topology.hosts[listensOn]?.interfaces.flatMap(({ addresses }) => addresses.map(withoutPrefix)) ?? [];
  if (!own.includes(parts.address)) return undefined;
  if (granted === false) return { listener: decidedBy?.layer ?? "sshd-policy" };
  const ports = [...listeners, requested ?? ""].map((text) => /(?:^|:)(\d+)$/.exec(text)?.[1]);
  if (granted !== true || !ports.includes(String(parts.port))) return undefined;
  return { listener: listensAt(listeners, parts.address, parts.port) ? "passed" : "bind-address" };
}
