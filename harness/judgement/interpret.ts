/** What one observation proves: a verdict with the reason, or why there is none. Knows no expectation; everybody who judges starts here. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { Cause, Params, Reason } from "../core/reason.ts";
import { blockedVerdicts, type Expectation, type ProbeResult, type Verdict } from "../core/verdict.ts";
import { attribute } from "./attribution.ts";
import { missingProof } from "./proof.ts";
import { statedRefusal } from "./refusal-reasons.ts";
import { placeOf } from "./settings.ts";
import { slowDialParams } from "./slow-dial.ts";

export interface Interpretation {
  verdict: Verdict;
  /** Null where nothing is proven. */
  reason: Reason | null;
  /** Why nothing is proven; only with `inconclusive`. */
  unproven?: Cause;
  /** The service answered, but by a rule that may decide otherwise next time. */
  mayChange?: Cause;
}

export function interpret(observation: Observation, spec: LabSpec): Interpretation {
  const { probe, ended, forward, cell } = observation;
  const lacking = missingProof(probe);
  if (lacking) return nothingProven(lacking);
  const mayChange = unsettled(probe);
  if (mayChange && blockedVerdicts.includes(probe.verdict)) return nothingProven(mayChange);
  // A listener that went away with its session is no contradiction to what ssh said when it started.
  if (ended && probe.verdict === "refused") return { verdict: probe.verdict, reason: endOf(forward) };
  if (probe.verdict === "closed" && cell.socks && !cell.socks.refusedBy && !cell.socks.inLab) {
    const { host, port } = cell.socks;
    return nothingProven({ code: "socks-target-missing", params: { host, port } });
  }
  const { reason, unproven } = attribute(cell, probe, forward, spec);
  if (unproven) return nothingProven(unproven);
  const told = reason && { ...reason, params: { ...reason.params, ...slowDialParams(observation), ...onlySomeParams(observation) } };
  return { verdict: probe.verdict, reason: told, ...(mayChange ? { mayChange } : {}) };
}

/** Why its listener is gone. */
function endOf({ from, listensOn: host, endedWith }: ForwardOutcome): Reason {
  if (!endedWith) return { layer: "client", code: "session-ended", params: { from, host } };
  const { layer, rule, file, line } = statedRefusal(endedWith) ?? { layer: "client" };
  return {
    layer,
    code: "ended-with-sibling",
    params: { from, host, sibling: endedWith.name },
    ...(rule === undefined ? {} : { rule }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}

/** Its listener is gone, and may be there again as soon as ssh is. */
export function hasEnded({ code }: Pick<Cause, "code">): boolean {
  return code === "session-ended" || code === "ended-with-sibling";
}

/** Parameters of a reason where not every packet, or not every client, gets in. */
function onlySomeParams({ probe: { stoppedFirst, verdict, unsettledBy = [], possible = [] } }: Observation): Params {
  const [byPort] = unsettledBy.filter(({ why }) => why === "source-port");
  const somePorts = byPort && possible.some((each) => each !== verdict);
  return { ...(stoppedFirst ? { stoppedFirst: stoppedFirst.rule } : {}), ...(somePorts ? { portsStoppedBy: byPort.rule } : {}) };
}

export function nothingProven(unproven: Cause): Interpretation {
  return { verdict: "inconclusive", reason: null, unproven };
}

const unsettledCodes = {
  chance: "depends-on-chance",
  clock: "depends-on-clock",
  program: "depends-on-program",
  "source-port": "depends-on-source-port",
  "dial-port": "depends-on-dial-port",
  retries: "depends-on-retries",
  lookups: "depends-on-lookups",
  sender: "sender-chooses",
} as const;

/** A rule that this packet may have met and that depends on chance, the clock, another program or the client's choice. */
function unsettled({ unsettledBy = [] }: ProbeResult): Cause | undefined {
  const [first] = unsettledBy;
  if (!first) return undefined;
  const { why, rule } = first;
  return { code: unsettledCodes[why], params: { rule }, rule, ...placeOf(first) };
}

/** Does what was seen fulfil what was expected? */
export function fulfils(expected: Expectation, observed: Verdict): boolean {
  if (expected === "reachable") return observed === "reached";
  return expected === "blocked" ? blockedVerdicts.includes(observed) : expected === observed;
}

/** An answer that was expected and may not come next time proves nothing; one that must not come came. */
export function against(expected: Expectation | undefined, seen: Interpretation): Interpretation {
  if (expected === undefined || !seen.mayChange || !fulfils(expected, seen.verdict)) return seen;
  return nothingProven(seen.mayChange);
}
