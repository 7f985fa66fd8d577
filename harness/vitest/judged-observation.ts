/** What one host sees of a forward, as the judge of `verify` interprets it, in words. */
import type { Family } from "../core/address.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { DecidedBy } from "../core/result.ts";
import type { Evidence, Expectation, Verdict } from "../core/verdict.ts";
import { mayBeMissed } from "../judgement/expectations.ts";
import { against, fulfils, interpret } from "../judgement/interpret.ts";
import { nextForCell } from "../judgement/next.ts";
import { sentenceFor } from "../report/sentences.ts";
import { type ObserveOptions, observeFrom } from "../session/observe-from.ts";
import type { Reachable } from "./forward.ts";

/** One host's observation of a forward at one address, interpreted. */
export interface JudgedObservation {
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** Of a Unix socket its path. */
  address: string;
  /** `address:port`, IPv6 in brackets; of a Unix socket `/path as account`; behind it ` → host:port` where a SOCKS proxy is asked for a target of its lists, or a stated one. */
  target: string;
  /** The listening host's address on the shared LAN that was used as next hop. */
  via?: string;
  /** Account that connected; left out for root at a port, and for another host than the one with the Unix socket. */
  as?: string;
  /** `inconclusive` also where a probe's verdict lacks its proof. */
  verdict: Verdict;
  /** The layer that decided, with rule, file and line where there are any; null when it is not known. */
  decidedBy: DecidedBy | null;
  /** Why nothing is proven, in one sentence; only with `inconclusive`. */
  unproven?: string;
  evidence: Evidence;
  /** `toReach` asks for it only where it was named: the listening host's own addresses beside loopback, an address that no route leads to, a next hop, what a SOCKS proxy's lists turn down. */
  optional: boolean;
  /** Where to look next if this is not as expected, in one sentence. */
  next?: string;
}

/** `expected`: an answer that hangs on chance fulfils nothing. */
export async function observeAndJudge(
  target: Reachable,
  vantage: string,
  options: ObserveOptions = {},
  expected?: Expectation,
): Promise<JudgedObservation[]> {
  const observations = await observeFrom(target.lab, target, vantage, options);
  target.recorded?.cells(observations);
  return observations.map((observation) => judged(observation, target.lab.lab.spec, options.target, expected));
}

/** @param asked target that was stated for a SOCKS proxy */
function judged(observation: Observation, spec: LabSpec, asked: string | undefined, expected: Expectation | undefined): JudgedObservation {
  const { cell, probe } = observation;
  const seen = against(expected, interpret(observation, spec));
  const { verdict, reason, unproven } = seen;
  const next = expected && !fulfils(expected, verdict) ? nextForCell(observation, seen, expected) : undefined;
  const { vantage, family, address, target, via, as } = cell;
  return {
    vantage,
    family,
    address,
    target,
    ...(via === undefined ? {} : { via }),
    ...(as === undefined ? {} : { as }),
    verdict,
    decidedBy: reason && { ...reason, params: { ...reason.params }, text: sentenceFor(reason) },
    ...(unproven ? { unproven: sentenceFor(unproven) } : {}),
    evidence: probe.evidence,
    optional: mayBeMissed(cell) || (asked === undefined && cell.socks?.refusedBy !== undefined),
    ...(next ? { next: sentenceFor(next) } : {}),
  };
}
