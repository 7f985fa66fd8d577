/**
 * Whether a block depends on a source port that a kernel chose, the probe's or the one that a forward's target is dialled from: a rule may name that port,
 * and the answer goes to it. A client may choose another one, and the next dial has another one.
 */
import { isDeepStrictEqual } from "node:util";
import type { IntervalClass } from "../core/interval.ts";
import { everyPort, type PortRange, portClassesOf } from "../core/port-range.ts";
import { type Admission, blockedVerdicts, type PacketDecision, type ProbeResult, type Verdict } from "../core/verdict.ts";
import type { ReadRules } from "../lab/read-rules.ts";
import { ruleOf, unsettled } from "./unsettled.ts";

/** The rules of the place where a probe was stopped. */
export type StoppingRules = Pick<ReadRules, "senderChoice" | "namedPorts">;

/** More classes of ports than a hand-written ruleset has. */
const mostClasses = 128;

/** Where ordinary clients come from: Linux's default net.ipv4.ip_local_port_range. */
const ordinary: PortRange = { first: 32_768, last: 60_999 };

/** Smaller parts of the ordinary ports are left out: several dials are under way at a time, and a dial comes from there once in a hundred times. */
const leastDialPorts = 256;

type To = NonNullable<Parameters<StoppingRules["senderChoice"]>[1]>;

/** Where the next probe comes from, or from where its forward's target is dialled. */
export type ProbeFrom = { sourcePort: number; dialPorts?: undefined } | { sourcePort?: undefined; dialPorts: PortRange };

/** Only root may come from these (ip(7), `ip_unprivileged_port_start`). */
const privileged: PortRange = { first: everyPort.first, last: 1023 };

/**
 * The result itself if the client's port cannot matter, or if most clients come from ports that the rules treat like that one; otherwise what was observed from one port of each class that the rules distinguish. If nobody
 * gets in: what most clients see. If somebody does: `reached` if most clients do, unsettled if fewer do. Where the dial of the target was stopped:
 * unsettled if one from other ports is not.
 * @param to what the rules may know the connection by: each of them may be it
 * @param probe the same once more, as if nobody had come from there before
 */
export async function fromEveryPort(
  first: ProbeResult,
  rules: StoppingRules | undefined,
  to: readonly To[],
  probe: (from: ProbeFrom) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const { verdict, decision } = first;
  if (verdict === "reached" && rules) return throughMostPorts(first, rules, probe);
  if (!blockedVerdicts.includes(verdict) || !decision || !rules) return first;
  const byPort = { why: "source-port", ...(ruleAbout("port", first, rules) ?? ruleOf(decision)) } as const;
  if (mayHangOnDialPort(first, decision, rules)) return fromEveryDialPort(first, decision, rules, probe);
  const { direction } = decision;
  // What follows the rule in its chain is known of packets that come in to be opened.
  const asked = direction === "request" ? to : [];
  const bySender = opening.includes(direction) ? ruleAbout("other", first, rules, asked) : undefined;
  if (bySender) return unsettled(first, { why: "sender", ...bySender });
  if (direction !== "reply" && !(fromClient.includes(direction) && ruleAbout("port", first, rules, asked))) return first;

  const named = rules.namedPorts();
  const { inexact } = named;
  const classes = clientClasses(named);
  if (classes.length > mostClasses) return unsettled(first, byPort);
  const tries = await tryEach(classes, probe);
  const passed = tries.filter(({ result }) => !blockedVerdicts.includes(result.verdict)).map(({ result }) => result);
  const best = passed.find((result) => result.verdict === "reached") ?? passed[0];
  if (best) {
    const seen = [...new Set([verdict, ...tries.map(({ result }) => result.verdict)])];
    return mostOrdinary(weightOf(tries, "reached")) ? best : { ...unsettled(best, byPort), possible: seen };
  }
  const usual = mostSeen(first, tries);
  const [doubt] = inexact;
  return doubt ? unsettled(usual, { why: "source-port", ...doubt }) : usual;
}

/** Packets that open the client's connection. The answer reflects what the client chose in the first packet; how data may vary is unknown. */
const opening: readonly PacketDecision["direction"][] = ["request", "reply"];

/** Packets that come from the client's port. */
const fromClient: readonly PacketDecision["direction"][] = ["request", "data"];

/** The rule that stopped the packet, or one that led it there, if it matches on this choice of the sender. */
function ruleAbout(
  choice: "port" | "other",
  { decision, matched = [] }: ProbeResult,
  rules: StoppingRules,
  to: readonly To[] = [],
): Admission | undefined {
  const all = decision ? [ruleOf(decision), ...matched] : matched;
  const asked = to.length > 0 ? to : [undefined];
  return all.find((rule) => asked.some((each) => rules.senderChoice(rule, each) === choice));
}

/** Somebody got in from a port that the rules treat unlike most of those that clients come from: by luck, if most of these are kept out. */
async function throughMostPorts(
  first: ProbeResult,
  rules: StoppingRules,
  probe: (from: ProbeFrom) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const { sourcePort: port = 0 } = first;
  const classes = clientClasses(rules.namedPorts());
  const own = classes.find(({ ranges }) => ranges.some((range) => range.first <= port && port <= range.last));
  if (!own || mostOrdinary(ordinaryAmong(own.ranges)) || classes.length > mostClasses) return first;
  const most = classes.toSorted((one, other) => ordinaryAmong(other.ranges) - ordinaryAmong(one.ranges));
  const tries = await tryEach(most, probe, (tried) => halfOrdinary(weighed(tried.filter((each) => !isStopped(each)))));
  const stopped = tries.filter(isStopped);
  const [main] = stopped.toSorted((one, other) => other.weight - one.weight);
  if (!main?.result.decision || !mostOrdinary(weighed(stopped))) return first;
  const seen = [...new Set([first.verdict, ...stopped.map(({ result }) => result.verdict)])];
  return { ...unsettled(first, { why: "source-port", ...ruleOf(main.result.decision) }), possible: seen };
}

type NamedPorts = ReturnType<StoppingRules["namedPorts"]>;

/** Every probe that gets in needs the classes of the same rules. */
const cutBefore = new WeakMap<NamedPorts, readonly IntervalClass<number>[]>();

/** Source ports of clients, in the classes that these rules may distinguish. */
function clientClasses(ports: NamedPorts): readonly IntervalClass<number>[] {
  const classes = cutBefore.get(ports) ?? portClassesOf([[privileged], ...ports.groups]);
  cutBefore.set(ports, classes);
  return classes;
}

function isStopped({ result: { verdict, decision } }: Try): boolean {
  return blockedVerdicts.includes(verdict) && decision !== undefined;
}

function mostOrdinary(weight: number): boolean {
  return weight * 2 > ordinaryAmong([ordinary]);
}

/** If so, the others cannot be the majority. */
function halfOrdinary(weight: number): boolean {
  return weight * 2 >= ordinaryAmong([ordinary]);
}

function mayHangOnDialPort(first: ProbeResult, { direction }: PacketDecision, rules: StoppingRules): boolean {
  return direction === "dial-reply" || (direction === "dial" && ruleAbout("port", first, rules) !== undefined);
}

async function fromEveryDialPort(
  first: ProbeResult,
  decision: PacketDecision,
  rules: StoppingRules,
  probe: (from: ProbeFrom) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const classes = portClassesOf([[ordinary], ...rules.namedPorts().groups]);
  const larger = classes.flatMap(({ ranges }) => ranges.filter((range) => ordinaryAmong([range]) >= leastDialPorts).slice(0, 1));
  if (larger.length < 2) return first;
  for (const dialPorts of larger.slice(0, mostClasses)) {
    const next = await probe({ dialPorts });
    if (!blockedVerdicts.includes(next.verdict))
      return { ...unsettled(next, { why: "dial-port", ...ruleOf(decision) }), possible: [first.verdict, next.verdict] };
  }
  return first;
}

interface Try {
  result: ProbeResult;
  /** How many of the ports that ordinary clients come from are of this class. */
  weight: number;
}

/** @param enough whether the remaining classes can no longer change the outcome */
async function tryEach(
  classes: readonly { ranges: readonly PortRange[] }[],
  probe: (from: ProbeFrom) => Promise<ProbeResult>,
  enough: (tries: readonly Try[]) => boolean = () => false,
): Promise<Try[]> {
  const tries: Try[] = [];
  for (const { ranges } of classes) {
    if (enough(tries)) break;
    const result = await probe({ sourcePort: oneOf(ranges) });
    if (!isTaken(result)) tries.push({ result, weight: ordinaryAmong(ranges) });
  }
  return tries;
}

function weightOf(tries: readonly Try[], verdict: Verdict): number {
  return weighed(tries.filter(({ result }) => result.verdict === verdict));
}

function weighed(tries: readonly Try[]): number {
  return tries.reduce((sum, { weight }) => sum + weight, 0);
}

/** The verdict of most ordinary clients, and of the probes that had it the one of most clients; the first probe where it is as good. */
function mostSeen(first: ProbeResult, tries: readonly Try[]): ProbeResult {
  const verdicts = [first.verdict, ...tries.map(({ result }) => result.verdict)];
  const usual = verdicts.reduce((best, each) => (weightOf(tries, each) > weightOf(tries, best) ? each : best));
  const had = tries.filter(({ result }) => result.verdict === usual);
  const commonest = had.reduce<Try | undefined>((best, each) => (best && best.weight >= each.weight ? best : each), undefined);
  return !commonest || sameDecision(commonest.result, first) ? first : commonest.result;
}

function sameDecision(one: ProbeResult, other: ProbeResult): boolean {
  return one.verdict === other.verdict && isDeepStrictEqual(one.decision, other.decision);
}

function ordinaryAmong(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + Math.max(0, Math.min(last, ordinary.last) - Math.max(first, ordinary.first) + 1), 0);
}

/** Any of them: two clients behind one NAT that use the same port would not both keep it. */
function oneOf(ranges: readonly PortRange[]): number {
  const widest = ranges.reduce((best, each) => (each.last - each.first > best.last - best.first ? each : best));
  return widest.first + Math.floor(Math.random() * (widest.last - widest.first + 1));
}

/** No client at the vantage point can use this port: a service has it. */
function isTaken({ evidence: { connect } }: ProbeResult): boolean {
  return connect === "EADDRINUSE";
}
