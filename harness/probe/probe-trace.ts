/** What was seen of a probe on its way, hop by hop, for a person. Pure. */
import type { TraceStep } from "../core/verdict.ts";
import { destinationOf } from "./deciding-rule.ts";
import type { ProbeContext } from "./probe-context.ts";
import type { RawAttempt, RawSurroundings, Sighting, TracedDecision } from "./raw-probe.ts";

type Describe = ProbeContext["describe"];

/** The probe's own packets, then those of each dial of the forward's target, then the neighbour lookups that were dropped. */
export function traceOf({ dials, neighbours, ...own }: RawAttempt & RawSurroundings, describe: Describe): TraceStep[] {
  return [
    ...attemptSteps(own, describe),
    ...dials.flatMap((dial) => {
      const to = destinationOf(dial)?.replace(" ", " port ") ?? "the target";
      return attemptSteps(dial, describe).map(({ what, ...step }) => ({ ...step, what: `dial of ${to}: ${what}` }));
    }),
    ...neighbours.map(({ asked, message, ...drop }) => ({
      at: drop.at,
      what: `${message === "solicit" ? "request for" : "answer with"} the link-layer address of ${asked}: ${describe(drop).rule}`,
      verdict: "drop" as const,
    })),
  ];
}

/** Sightings in the order of time, each followed by what the firewall there decided about it. */
function attemptSteps(raw: RawAttempt, describe: Describe): TraceStep[] {
  const told = new Set<string>();
  const steps: TraceStep[] = [];
  const byPlace = Map.groupBy(
    raw.decisions.filter(({ verdict }) => verdict !== "continue"),
    ({ at, direction }) => `${direction} ${at}`,
  );
  const decisionsAt = (at: string, direction: TracedDecision["direction"]) => {
    const place = `${direction} ${at}`;
    for (const decision of byPlace.get(place) ?? []) {
      const { family, table, chain, kind, handle, verdict } = decision;
      // A retransmission meets the same rules again.
      const key = `${place} ${family} ${table} ${chain} ${kind} ${handle} ${verdict}`;
      if (told.has(key)) continue;
      told.add(key);
      steps.push({ at, what: describe(decision).rule, verdict: verdict === "drop" || verdict === "accept" ? verdict : "continue" });
    }
    // All of them are told now.
    byPlace.delete(place);
  };
  for (const { at, way, interface: name, flags, icmp } of inOrder(raw.sightings)) {
    const direction = flags === "S" ? "request" : "reply";
    const packet = icmp === undefined ? { S: "SYN", SA: "SYN-ACK", R: "RST", RA: "RST" }[flags] : "ICMP unreachable";
    if (way === "out") decisionsAt(at, direction);
    steps.push({ at, what: `${packet} ${way === "in" ? "arrived on" : "left on"} ${name}` });
    if (way === "in") decisionsAt(at, direction);
  }
  for (const { at, direction } of raw.decisions) if (direction !== "data") decisionsAt(at, direction);
  // Of the data only what was stopped: it passes the rules that the handshake has passed.
  const stopped = raw.decisions.filter(({ direction, verdict }) => direction === "data" && verdict === "drop");
  return [
    ...steps,
    ...stopped.slice(0, 1).map((drop) => ({ at: drop.at, what: `data: ${describe(drop).rule}`, verdict: "drop" as const })),
  ];
}

/** By time, without retransmissions, which say nothing new. */
export function inOrder(sightings: readonly Sighting[]): Sighting[] {
  return [...sightings].sort((one, other) => one.time - other.time).filter(firstOfItsKind());
}

function firstOfItsKind(): (sighting: Sighting) => boolean {
  const seen = new Set<string>();
  return ({ at, way, interface: name, flags, icmp }) => {
    const key = [at, way, name, flags, icmp].join();
    return !seen.has(key) && Boolean(seen.add(key));
  };
}
