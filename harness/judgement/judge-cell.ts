/** One cell: what was seen of it, held against what the policy expects. */
import { type Cell, cellKey } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import { type LabSpec, mainServer } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { Cause } from "../core/reason.ts";
import type { ResultCell, Status, Unworded } from "../core/result.ts";
import { type Expectation, wantsReach } from "../core/verdict.ts";
import type { Policy } from "../policy/policy.ts";
import { policyFor } from "../policy/servers.ts";
import { expectationOf } from "./expectations.ts";
import { against, fulfils, hasEnded, type Interpretation, interpret, nothingProven } from "./interpret.ts";
import { nextForCell } from "./next.ts";
import { waiverFor } from "./waivers.ts";

export interface CellContext {
  policy: Policy;
  spec: LabSpec;
  today: string;
  outcomes: readonly ForwardOutcome[];
  /** Why no cell of this lab proves anything. */
  broken: Cause | undefined;
  /** Keys of the cells where whoever may reach the forward need not get in. */
  spared: ReadonlySet<string>;
}

export function judgeCell(cell: Cell, observations: readonly Observation[], context: CellContext): Unworded<ResultCell> {
  const { policy, spec, outcomes, today, broken, spared } = context;
  const stated = expectationOf(policy, cell);
  const expected = stated !== undefined && wantsReach(stated) && spared.has(cellKey(cell)) ? undefined : stated;
  const seen = broken ? nothingProven(broken) : closedForNow(expected, against(expected, interpretAll(observations, spec)));
  const { verdict: observed, reason, unproven } = seen;
  const met = expected === undefined || fulfils(expected, observed);
  const waiver = met || observed === "inconclusive" ? undefined : waiverFor(policy.waivers ?? [], cell, today);
  const status = statusOf({ optional: expected === undefined, proven: observed !== "inconclusive", met, waived: waiver !== undefined });
  const ok = status === "held" || status === "optional";
  const [observation] = observations;
  const next =
    ok || broken || !observation
      ? undefined
      : nextForCell(observation, seen, expected ?? "blocked", { spec, outcomes, filtered: firewalled(policy, cell.listensOn) });
  return {
    forward: cell.forward,
    vantage: cell.vantage,
    family: cell.family,
    target: cell.target,
    ...(cell.via === undefined ? {} : { via: cell.via }),
    ...(cell.as === undefined ? {} : { as: cell.as }),
    expected: expected ?? null,
    observed,
    ok,
    status,
    waiver: waiver?.id ?? null,
    decidedBy: reason,
    ...(unproven ? { unproven } : {}),
    ...(next ? { next } : {}),
    evidence: { ...observation?.probe.evidence },
  };
}

/** A listener that went away with its session may be there again, and open, as soon as ssh is. */
function closedForNow(expected: Expectation | undefined, seen: Interpretation): Interpretation {
  const { verdict, reason } = seen;
  const isBlocked = expected !== undefined && fulfils(expected, verdict);
  if (!isBlocked || !reason || !hasEnded(reason)) return seen;
  const { layer: _, ...cause } = reason;
  return nothingProven(cause);
}

/** The policy names a firewall of the server that listens. */
function firewalled(policy: Policy, listensOn: string): boolean {
  return policyFor(policy, listensOn in (policy.servers ?? {}) ? listensOn : mainServer).server.firewall !== undefined;
}

interface Standing {
  optional: boolean;
  proven: boolean;
  met: boolean;
  waived: boolean;
}

function statusOf({ optional, proven, met, waived }: Standing): Status {
  if (optional) return "optional";
  if (!proven) return "inconclusive";
  if (met) return "held";
  return waived ? "waived" : "violated";
}

/** The service answered, and will next time. */
export function getsIn(observations: readonly Observation[], spec: LabSpec): boolean {
  const { verdict, mayChange } = interpretAll(observations, spec);
  return verdict === "reached" && !mayChange;
}

/** Probes that contradict each other prove nothing. */
function interpretAll(observations: readonly Observation[], spec: LabSpec): Interpretation {
  const [first] = observations;
  if (!first) return nothingProven({ code: "probe-missing", params: {} });
  const verdicts = observations.map(({ probe }) => probe.verdict);
  return new Set(verdicts).size > 1 ? nothingProven({ code: "probes-contradict", params: { verdicts } }) : interpret(first, spec);
}
