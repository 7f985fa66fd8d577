/** The rule that ended a probe, or what the forward made of it: which packet it met, and what it did to it. Pure. */
import type { PacketEnd } from "../core/packet-end.ts";
import type { Admission, PacketDecision } from "../core/verdict.ts";
import { passedOutput, passedPrerouting, routedToInput } from "../lab/observation-rules.ts";
import { isIpv6 } from "../lab/wiring.ts";
import type { ProbeContext } from "./probe-context.ts";
import type { DroppedLookup, EvaluatedRule, RawAttempt, RawProbe, RawSurroundings, Sighting, TracedDecision } from "./raw-probe.ts";

type Naming = Pick<ProbeContext, "describe" | "decisive" | "kindOf">;

/**
 * Whoever connects has heard nothing yet, or has given up: a kernel does so after a few seconds while other probes from there wait for every address of a
 * forward's target (`soonGivenUp`).
 */
export function hangs({ connect }: Pick<RawProbe, "connect">): boolean {
  return connect === "pending" || connect === "ETIMEDOUT";
}

/** A rule dropped or rejected the probe's SYN, or the answer to it. */
export function handshakeDecision(raw: RawProbe, context: ProbeContext): PacketDecision | undefined {
  const drop = raw.decisions.find(({ verdict, direction }) => verdict === "drop" && direction !== "data");
  if (!drop) return undefined;
  const heard = ({ at, way, icmp }: Sighting) => at === context.vantage && way === "in" && icmp !== undefined;
  // What a rule answers is on its way, wherever that ends.
  const answered = ({ at, way, flags, icmp }: Sighting) => at === drop.at && way === "out" && (flags.includes("R") || icmp !== undefined);
  const rejected = !hangs(raw) || raw.sightings.some(heard) || (drop.direction === "request" && raw.sightings.some(answered));
  return decisionOf(drop, raw.decisions, rejected, drop.direction, context);
}

/**
 * A rule of a host's firewall, destination NAT for one, sent the SYN to a place where the forward does not listen, or to one that no route leads to from there. What a router's
 * port forward leads to, whoever is there answers for.
 */
export function redirection(raw: RawProbe, context: ProbeContext): PacketDecision | undefined {
  const ends = new Set([context.targetHost, context.vantage]);
  const rule = raw.decisions.find(
    (each) =>
      ends.has(each.at) &&
      context.kindOf(each.at) === "host" &&
      each.direction === "request" &&
      each.kind === "rule" &&
      (each.verdict === "accept" || each.verdict === "continue") &&
      context.rewrites(each).includes("destination"),
  );
  if (!rule) return undefined;
  const kernelDropped = endedBeforeLoopback(raw, rule.at);
  if (!kernelDropped && !wentElsewhere(raw, rule.at, context) && !endedInNat(raw, rule)) return undefined;
  const decision = { ...decisionOf(rule, [], false, "request", context), action: "redirect" } as const;
  const stopped = kernelDropped || raw.decisions.some(({ verdict }) => verdict === "drop");
  return stopped ? decision : { ...decision, nobodyThere: true };
}

function wentElsewhere(raw: RawProbe, at: string, { address, port, listener }: ProbeContext): boolean {
  const seen = [
    ...raw.passages.filter(({ chain }) => chain === passedPrerouting || chain === passedOutput),
    ...raw.sightings.filter(({ way, flags }) => way === "out" && flags === "S"),
    ...raw.decisions.filter(({ direction }) => direction === "request"),
  ];
  return seen.some((each) => each.at === at && each.destination !== `${address} ${port}` && !listener.includes(each.destination));
}

/** It never came to the end of the hook in which NAT gave it its new destination: the kernel finds no route for that, and drops it there. */
function endedInNat(raw: RawProbe, { at, verdict }: TracedDecision): boolean {
  if (verdict !== "accept") return false;
  const passed = raw.passages.some((each) => each.at === at && (each.chain === passedPrerouting || each.chain === passedOutput));
  const dropped = raw.decisions.some(({ verdict }) => verdict === "drop");
  return !passed && !dropped && !raw.traceLost;
}

/** Sent to loopback from outside: the kernel takes no such packet, unless `route_localnet` says otherwise, and drops it between two hooks. */
function endedBeforeLoopback(raw: RawProbe, at: string): boolean {
  const own = raw.passages.filter((each) => each.at === at);
  const sent = own.some(({ chain, destination }) => chain === passedPrerouting && /^(127\.|::1 )/.test(destination));
  const taken = own.some(({ chain }) => chain === routedToInput);
  return sent && !taken && hangs(raw) && !raw.traceLost;
}

/**
 * The answer left as if from, or for, somebody else than the SYN had come to, or from: whoever asked does not take it for an answer. A rule wrote that into the
 * answer, or into the SYN, and nothing undid it on the way back, as the packets were not tracked (`notrack`).
 */
export function rewriting(raw: RawProbe, context: ProbeContext): PacketDecision | undefined {
  if (!hangs(raw) || raw.traceLost) return undefined;
  const writes = (each: TracedDecision, end: PacketEnd) => {
    const written = each.direction === "reply" ? end : opposite[end];
    return each.kind === "rule" && context.kindOf(each.at) === "host" && context.rewrites(each).includes(written);
  };
  const met = raw.decisions.filter(({ direction }) => direction !== "data");
  const rule = met.findLast((each) => wrongEnds(raw, each.at, context).some((end) => writes(each, end)));
  return rule && { ...decisionOf(rule, [], false, rule.direction, context), action: "rewrite" };
}

/** A rule of nftables' netdev family sent the packet out of another interface (`fwd to`). */
export function diversion(raw: RawProbe, context: Naming): PacketDecision | undefined {
  const rule = raw.decisions.find(({ family, direction, verdict }) => family === "netdev" && verdict === "stolen" && direction !== "data");
  if (!rule || !hangs(raw)) return undefined;
  return { ...decisionOf(rule, [], false, rule.direction, context), action: "redirect", nobodyThere: true };
}

const opposite = { source: "destination", destination: "source" } as const;

/** In which ends all answers that left there differ from what was asked. */
function wrongEnds({ sightings, source }: RawProbe, at: string, { vantage, address, port }: ProbeContext): PacketEnd[] {
  const here = sightings.filter((each) => each.at === at && each.icmp === undefined);
  // On loopback NAT changes what is asked before it is seen, and the answer back.
  const own = source && { source: `${source.address} ${source.port}`, destination: `${address} ${port}` };
  const asked = at === vantage ? own : here.find(({ way, flags }) => way === "in" && flags === "S");
  const answers = here.filter(({ way, flags }) => way === "out" && flags !== "S");
  if (!asked || answers.length === 0) return [];
  return (["source", "destination"] as const).filter((end) => answers.every((answer) => answer[end] !== asked[opposite[end]]));
}

/** The lookup of a link-layer address, without which no packet goes on, was dropped: at the target's host when the SYN had come that far. */
export function neighbourDecision(raw: RawProbe, context: ProbeContext, arrived: boolean): PacketDecision | undefined {
  const answered = raw.sightings.some(({ flags, icmp }) => icmp === undefined && flags !== "S");
  const drop = answered ? undefined : raw.neighbours.find(({ at }) => !arrived || at === context.targetHost);
  return drop && decisionOf(drop, [], false, "neighbour", context);
}

/** After the handshake: a rule stopped the data, or the connection by which the forward's target is dialled. */
export function forwardDecision(
  raw: RawSurroundings & Partial<RawAttempt>,
  ended: string | null,
  context: Naming,
): PacketDecision | undefined {
  const data = raw.decisions?.find(({ verdict, direction }) => verdict === "drop" && direction === "data");
  if (data) return decisionOf(data, raw.decisions ?? [], ended !== "silent", "data", context);
  return dialDecision(raw, context);
}

/** A SYN proxy of the target host's firewall accepted for the listener, and never went on to connect to it. */
export function proxyDecision(raw: RawProbe, context: ProbeContext): PacketDecision | undefined {
  const proxy = raw.decisions.find(
    ({ at, direction, verdict }) => at === context.targetHost && direction === "request" && verdict === "stolen",
  );
  const wentOn = raw.passages.some(({ at, chain }) => at === context.targetHost && chain === passedOutput);
  return proxy && !wentOn ? decisionOf(proxy, [], raw.end !== "silent", "request", context) : undefined;
}

/** What stopped the last dial that something stopped: whoever dials tries one address after the other. */
function dialDecision({ dials, dialNeighbours }: RawSurroundings, context: Naming): PacketDecision | undefined {
  const answered = dials.some(({ sightings }) => sightings.some((seen) => seen.flags !== "S" && !isOwnError(seen)));
  const lookups = answered ? [] : dialNeighbours;
  const stops = dials.map((dial) => ({ dial, decision: dropOfDial(dial, context) ?? lookupOfDial(dial, lookups, context) }));
  // A dial that came through had the last word: what became of it, the service decided.
  const through = stops.some(({ dial, decision }) => !decision && dial.sightings.some(({ flags }) => flags === "SA"));
  return through ? undefined : stops.findLast(({ decision }) => decision)?.decision;
}

/** On loopback the kernel tells its own process that the neighbour was not found. */
function isOwnError({ interface: name, icmp }: Sighting): boolean {
  return name === "lo" && icmp !== undefined;
}

const directionInDial = { request: "dial", reply: "dial-reply", data: "data" } as const;

function dropOfDial(dial: RawAttempt, context: Naming): PacketDecision | undefined {
  const { decisions, sightings } = dial;
  const drop = decisions.find(({ verdict }) => verdict === "drop");
  if (!drop) return undefined;
  const rejected = sightings.some(({ flags, icmp }) => icmp !== undefined || flags.includes("R"));
  const direction = directionInDial[drop.direction];
  const [address, port] = direction === "dial" ? (destinationOf(dial)?.split(" ") ?? []) : [];
  const dialled = address === undefined ? {} : { dialled: { address, port: Number(port) } };
  return { ...decisionOf(drop, decisions, rejected, direction, context), ...dialled };
}

/** The dial never left, as the lookup of the link-layer address that it needs was dropped. */
function lookupOfDial(dial: RawAttempt, lookups: readonly DroppedLookup[], context: Naming): PacketDecision | undefined {
  const [address] = destinationOf(dial)?.split(" ") ?? [];
  const drop = lookups.find(({ asked }) => address === undefined || isIpv6(asked) === isIpv6(address));
  return drop && decisionOf(drop, [], false, "neighbour", context);
}

/** `address port`, as it was dialled; undefined where it was not seen to leave. */
export function destinationOf({ passages, sightings }: RawAttempt): string | undefined {
  return (passages[0] ?? sightings.find(({ flags }) => flags === "S"))?.destination;
}

/** Rules that the packet matched at the place where it was stopped, including the one that stopped it: earlier ones may have led it there. */
export function matchedWhereStopped({ decisions, dials }: RawProbe, { at, direction }: PacketDecision, { describe }: Naming): Admission[] {
  const packets = direction.startsWith("dial") ? dials.flatMap((dial) => dial.decisions) : decisions;
  const matched = packets.filter((each) => each.kind === "rule" && each.at === at && packetOf[direction] === each.direction);
  return [...new Set(matched.map(describe))];
}

const packetOf = {
  request: "request",
  reply: "reply",
  data: "data",
  dial: "request",
  "dial-reply": "reply",
  neighbour: undefined,
} as const;

/** @param decisions all that the packets met, in their order */
function decisionOf(
  drop: EvaluatedRule | TracedDecision,
  decisions: readonly TracedDecision[],
  rejected: boolean,
  direction: PacketDecision["direction"],
  { describe, decisive, kindOf }: Naming,
): PacketDecision {
  const rule = decisive(drop, metBefore(drop, decisions));
  return { at: drop.at, kind: kindOf(drop.at), action: rejected ? "reject" : "drop", direction, ...describe(rule) };
}

/** What the same packet met at the same place before. */
export function metBefore(rule: EvaluatedRule | TracedDecision, decisions: readonly TracedDecision[]): readonly TracedDecision[] {
  const at = decisions.findIndex((each) => each === rule);
  return decisions
    .slice(0, Math.max(at, 0))
    .filter((each) => each.at === rule.at && "direction" in rule && each.direction === rule.direction);
}
