/** A rule that kept a packet out, or let it in. */
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import { isServer, type LabSpec } from "../core/lab-spec.ts";
import { type Layer, layerOfServerRule, type Reason } from "../core/reason.ts";
import type { PacketDecision } from "../core/verdict.ts";
import { placeOf } from "./settings.ts";

const codes = { drop: "packet-dropped", reject: "packet-rejected", redirect: "packet-redirected", rewrite: "answer-rewritten" } as const;

export function filteredBy(decision: PacketDecision, cell: Cell, forward: ForwardOutcome, spec: LabSpec): Reason {
  const { at, action, direction, rule, dialled, nobodyThere } = decision;
  return {
    layer: layerOf(decision, cell, forward, spec),
    code: codes[action],
    params: {
      at,
      direction,
      rule,
      ...(dialled ? { dialledAddress: dialled.address, dialledPort: dialled.port } : {}),
      ...(nobodyThere ? { nobodyThere } : {}),
      ...(isServer(spec, at) && layerOfServerRule(rule) === "cloud-firewall" ? { front: true } : {}),
    },
    rule,
    ...placeOf(decision),
  };
}

/** A rule that answers in the listener's place: nftables' `synproxy`, iptables' `-j SYNPROXY`. */
export function isSynProxy(rule: string): boolean {
  return /\bsynproxy\b/i.test(rule);
}

function layerOf({ kind, at, rule }: PacketDecision, cell: Cell, forward: ForwardOutcome, spec: LabSpec): Layer {
  if (kind === "router") return spec.routers[at]?.nat === "masquerade" && cell.family === 4 ? "nat" : "router";
  if (isServer(spec, at)) return layerOfServerRule(rule);
  return at === forward.from ? "client" : "router";
}
