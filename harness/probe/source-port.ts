/**
 * Whether a block hangs on the port that the probe came from, which its kernel chose: a rule may name that port, and the answer goes to it. Who
 * connects may choose another one.
 */
import { everyPort, type PortRange, portClassesOf } from "../core/port-range.ts";
import { blockedVerdicts, type ProbeResult, type UnsettledRule } from "../core/verdict.ts";
import type { ReadRules } from "../lab/read-rules.ts";

/** The rules of the place where a probe was stopped. */
export type StoppingRules = Pick<ReadRules, "senderChoice" | "namedPorts">;

/** More classes of ports than a hand-written ruleset has. */
const mostClasses = 128;

/** Only root may come from these (ip(7), `ip_unprivileged_port_start`). */
const privileged: PortRange = { first: everyPort.first, last: 1023 };

/**
 * The result itself where the client's port cannot matter; else with what was seen from one port of each class that the rules tell apart.
 * @param probe the same once more from this port, as if nobody had come from there before
 */
export async function fromEveryPort(
  first: ProbeResult,
  rules: StoppingRules | undefined,
  probe: (sourcePort: number) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const { verdict, decision } = first;
  if (verdict !== "filtered" || !decision || !rules) return first;
  const { rule, file, line } = decision;
  const stoppedBy = { rule, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  const choice = rules.senderChoice(stoppedBy);
  if (decision.direction === "request" && choice === "other") return unsettled(first, { why: "sender", ...stoppedBy });
  const matters = decision.direction === "request" ? choice === "port" : ["reply", "data"].includes(decision.direction);
  if (!matters) return first;

  const { groups, inexact } = rules.namedPorts();
  const classes = portClassesOf([[privileged], ...groups]);
  if (classes.length > mostClasses) return unsettled(first, { why: "source-port", ...stoppedBy });
  for (const { ranges } of classes) {
    const next = await probe(oneOf(ranges));
    if (isTaken(next) || blockedVerdicts.includes(next.verdict)) continue;
    return unsettled(next, { why: "source-port", ...stoppedBy });
  }
  const [doubt] = inexact;
  return doubt && decision.direction !== "data" ? unsettled(first, { why: "source-port", ...doubt }) : first;
}

function unsettled(result: ProbeResult, rule: UnsettledRule): ProbeResult {
  return { ...result, unsettledBy: [rule, ...(result.unsettledBy ?? [])] };
}

/** Any: two clients behind one NAT that take the same one would not both keep it. */
function oneOf(ranges: readonly PortRange[]): number {
  const widest = ranges.reduce((best, each) => (each.last - each.first > best.last - best.first ? each : best));
  return widest.first + Math.floor(Math.random() * (widest.last - widest.first + 1));
}

/** Nobody where the probe comes from can take this port: a service has it. */
function isTaken({ evidence: { connect } }: ProbeResult): boolean {
  return connect === "EADDRINUSE";
}
