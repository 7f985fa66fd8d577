/** Which layer decided what a probe saw, and why. */
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import { type LabSpec, leadsTo } from "../core/lab-spec.ts";
import type { Cause, Reason } from "../core/reason.ts";
import { isAnswer, type ProbeResult } from "../core/verdict.ts";
import { bindReason } from "./bind-reasons.ts";
import { closedBy } from "./close-reasons.ts";
import { filteredBy } from "./firewall-reasons.ts";
import { listenerParams, listensAt, listensOnlyOnOthers } from "./listeners.ts";
import { openBecause } from "./open-reasons.ts";
import { refusalOf, unknownBindName } from "./refusal-reasons.ts";
import { attributeSocket } from "./socket-attribution.ts";

export interface Attribution {
  reason: Reason | null;
  /** What was seen contradicts the listeners, or hangs on what the lab does not know. */
  unproven?: Cause;
}

/** Attribution of one proven verdict. */
export function attribute(cell: Cell, probe: ProbeResult, forward: ForwardOutcome, spec: LabSpec): Attribution {
  // Opening a path sends no packet: what kept the account out is no firewall, unless one stopped what was dialled behind it.
  const opensPath = cell.scope === "socket" && probe.verdict !== "closed" && !probe.decision?.direction.startsWith("dial");
  if (opensPath) return { reason: attributeSocket(cell, probe, forward) };
  if (probe.decision && !isAnswer(probe.verdict)) return { reason: filteredBy(probe.decision, cell, forward, spec) };
  switch (probe.verdict) {
    case "unreachable":
      return { reason: noRoute(cell, forward) };
    case "refused":
      return refusedBy(cell, forward, spec);
    case "closed":
      return { reason: closedBy(forward, cell) };
    case "reached":
    case "wrong-service":
      return { reason: openBecause(cell, probe, forward) };
    case "filtered":
    case "inconclusive":
      return { reason: null };
  }
}

function noRoute(cell: Cell, { listensOn: host }: ForwardOutcome): Reason {
  return cell.scope === "nat"
    ? { layer: "nat", code: "nat-leads-nowhere", params: { address: cell.address, nat: cell.nat ?? "", host } }
    : { layer: "router", code: "no-route", params: { vantage: cell.vantage, address: cell.address } };
}

function refusedBy(cell: Cell, forward: ForwardOutcome, spec: LabSpec): Attribution {
  const { port, nat = "" } = cell;
  const inward = cell.nat === undefined ? undefined : leadsTo(spec.routers[cell.nat], port);
  const listens = inward
    ? listensAt(forward.listeners, inward.address, inward.port)
    : cell.scope !== "nat" && listensAt(forward.listeners, cell.address, port);
  if (listens) return { reason: null, unproven: { code: "listener-contradicts", params: listenerParams(forward) } };
  if (inward) {
    const params = { nat, port, to: `${inward.address}:${inward.port}`, ...listenerParams(forward) };
    return { reason: { layer: "bind-address", code: "nat-target-not-listening", params } };
  }
  if (cell.scope === "nat")
    return { reason: { layer: "nat", code: "nat-port-not-forwarded", params: { nat, port, host: forward.listensOn } } };
  const name = unknownBindName(forward, spec);
  if (name !== undefined) return { reason: null, unproven: { code: "bind-name-unknown", params: { name } } };
  if (!forward.granted) return { reason: refusalOf(forward) };
  // A rule that moves this port to the forward's own does so over the other family, or for others, alone.
  if (listensOnlyOnOthers(forward.listeners, port))
    return { reason: { layer: "bind-address", code: "nothing-listens", params: { host: forward.listensOn, port } } };
  return { reason: bindReason(cell, forward) };
}
