/** From what was seen of a probe to its verdict, with the proof. Pure: no verdict of the blocked kind comes from silence. */
import type { Family } from "../core/address.ts";
import type { Admission, Evidence, PacketDecision, ProbeResult, TraceStep, Verdict } from "../core/verdict.ts";
import type { RawProbe, Sighting, TracedDecision } from "./raw-probe.ts";

export interface ProbeContext {
  vantage: string;
  family: Family;
  /** `address:port`, IPv6 in brackets. */
  target: string;
  /** Host of the lab that owns the address, or the router for a NAT's public address. */
  targetHost: string;
  /** Identity of the service that a forward should lead to, and the nonce sent to it. */
  identity: string;
  nonce: string;
  kindOf(namespace: string): "host" | "router";
  describe(decision: TracedDecision): { rule: string; file?: string; line?: number };
}

export function judgeProbe(raw: RawProbe, context: ProbeContext): ProbeResult {
  const received = Buffer.from(raw.received, "base64").toString("utf8");
  const answer = serviceAnswer(received, context.identity, context.nonce);
  const drop = raw.decisions.find(({ verdict }) => verdict === "drop");
  const arrival = raw.sightings.find(({ at, way, flags }) => at === context.targetHost && way === "in" && flags === "S");
  const arrived = arrival !== undefined;
  const evidence: Evidence = {
    ...(raw.source ? { from: raw.source.address } : {}),
    ...(arrival ? { seenAs: arrival.source.split(" ")[0] } : {}),
    arrived,
    connect: raw.connect,
    trace: traceOf(raw, context),
    ms: raw.ms,
  };
  const admission = raw.connect === "connected" ? admissionOf(raw.decisions, context) : undefined;
  const result = (verdict: Verdict, more: Partial<Evidence> = {}, decision?: PacketDecision): ProbeResult => ({
    vantage: context.vantage,
    family: context.family,
    target: context.target,
    verdict,
    ...(decision ? { decision } : {}),
    ...(admission ? { admission } : {}),
    evidence: { ...evidence, ...more },
  });

  if (raw.connect === "connected") {
    if (answer) return result("reached", { nonce: "match", peerSeenByService: answer.peer });
    if (received !== "") return result("wrong-service", { nonce: "mismatch", received: printable(received) });
    if (raw.end === "silent")
      return result("inconclusive", {
        nonce: "none",
        note: "the connection was accepted, then neither answered nor closed: the service hangs, or a firewall drops the data (`ct state established`)",
      });
    return result("closed", { nonce: "none", note: closedNote(raw) });
  }
  if (drop) {
    const rejected = raw.connect !== "pending" || raw.sightings.some(isUnreachableAt(context.vantage));
    const decision: PacketDecision = {
      at: drop.at,
      kind: context.kindOf(drop.at),
      action: rejected ? "reject" : "drop",
      direction: drop.direction,
      ...context.describe(drop),
    };
    // A router that says "no route" by a rule is a router without a route.
    const unroutable = decision.kind === "router" && rejected && raw.connect !== "ECONNREFUSED";
    return result(unroutable ? "unreachable" : "filtered", {}, decision);
  }
  if (raw.connect === "ECONNREFUSED") {
    const sender = originOf(raw.sightings, ({ flags }) => flags.includes("R"));
    if (sender === undefined) return result("inconclusive", { note: "refused, but nobody in the lab was seen to send the RST" });
    if (sender === context.targetHost && arrived) return result("refused");
    const reachedSender = raw.sightings.some(({ at, way, flags }) => at === sender && way === "in" && flags === "S");
    if (reachedSender) return result("refused", { arrived: true, note: `the RST came from ${sender}` });
    return result("inconclusive", { note: `an RST came from ${sender}, where the SYN was not seen to arrive` });
  }
  const icmp = originOf(raw.sightings, ({ icmp }) => icmp !== undefined);
  if (icmp !== undefined) return result("unreachable", { note: `${icmp} answered that the destination is unreachable` });
  if (raw.connect === "ENETUNREACH" || raw.connect === "EHOSTUNREACH") {
    return result("unreachable", {
      note: raw.connect === "ENETUNREACH" ? `${context.vantage} has no route to it` : "no neighbour has that address",
    });
  }
  return result("inconclusive", { note: pendingNote(raw, context) });
}

/** A rule that accepts says more than a policy that does; of several hooks, the last one had the last word. */
function admissionOf(decisions: readonly TracedDecision[], context: ProbeContext): Admission | undefined {
  const accepting = decisions.filter(
    ({ at, direction, verdict }) => at === context.targetHost && direction === "request" && verdict === "accept",
  );
  const last = accepting.findLast(({ kind }) => kind === "rule") ?? accepting.at(-1);
  return last && context.describe(last);
}

/** The line a service of the lab answers with: `forwardlab IDENTITY NONCE PEER`. */
export function serviceAnswer(received: string, identity: string, nonce: string): { peer: string } | undefined {
  for (const line of received.split("\n")) {
    const [word, who, what, peer] = line.trim().split(" ");
    if (word === "forwardlab" && who === identity && what === nonce && peer !== undefined) return { peer };
  }
  return undefined;
}

/** The namespace that a packet came from: it was seen leaving there and not coming in. */
function originOf(sightings: readonly Sighting[], which: (sighting: Sighting) => boolean): string | undefined {
  const packets = sightings.filter(which);
  // On loopback a packet is seen leaving and coming in at the same place.
  const local = packets.find(({ interface: name, way }) => name === "lo" && way === "out");
  if (local) return local.at;
  return packets.find(({ at, way }) => way === "out" && !packets.some((other) => other.at === at && other.way === "in"))?.at;
}

function isUnreachableAt(vantage: string): (sighting: Sighting) => boolean {
  return ({ at, way, icmp }) => at === vantage && way === "in" && icmp !== undefined;
}

function closedNote(raw: RawProbe): string {
  if (raw.socksReply) return `the SOCKS proxy answered with reply code ${raw.socksReply} (RFC 1928)`;
  return raw.end === "eof" || raw.end === null ? "accepted, then closed without a byte" : `accepted, then ${raw.end}`;
}

function pendingNote(raw: RawProbe, context: ProbeContext): string {
  const last = inOrder(raw.sightings)
    .filter(({ flags }) => flags === "S")
    .at(-1);
  const lost = raw.traceLost ? "; trace messages were lost" : "";
  if (!last) return `no packet was seen leaving${lost}`;
  const rule = raw.decisions
    .filter(({ at, direction, verdict }) => at === last.at && direction === "request" && verdict !== "continue")
    .at(-1);
  const met = rule ? `, where the last rule for it was \`${placed(context.describe(rule))}\`` : "";
  return `no answer, and no rule was seen to drop it; the SYN was last seen ${last.way === "in" ? "arriving at" : "leaving"} ${last.at}${met}${lost}`;
}

function placed({ rule, file, line }: ReturnType<ProbeContext["describe"]>): string {
  return file === undefined ? rule : `${file}:${line} ${rule}`;
}

/** Sightings in the order of time, each followed by what the firewall there decided about it. */
function traceOf(raw: RawProbe, context: ProbeContext): TraceStep[] {
  const told = new Set<TracedDecision>();
  const steps: TraceStep[] = [];
  const decisionsAt = (at: string, direction: TracedDecision["direction"]) => {
    for (const decision of raw.decisions) {
      if (told.has(decision) || decision.at !== at || decision.direction !== direction || decision.verdict === "continue") continue;
      told.add(decision);
      const verdict = decision.verdict === "drop" ? "drop" : decision.verdict === "accept" ? "accept" : "continue";
      steps.push({ at, what: context.describe(decision).rule, verdict });
    }
  };
  for (const { at, way, interface: name, flags, icmp } of inOrder(raw.sightings)) {
    const direction = flags === "S" ? "request" : "reply";
    const packet = icmp === undefined ? { S: "SYN", SA: "SYN-ACK", R: "RST", RA: "RST" }[flags] : "ICMP unreachable";
    if (way === "out") decisionsAt(at, direction);
    steps.push({ at, what: `${packet} ${way === "in" ? "arrived on" : "left on"} ${name}` });
    if (way === "in") decisionsAt(at, direction);
  }
  for (const { at, direction } of raw.decisions) decisionsAt(at, direction);
  return steps;
}

/** By time, without retransmissions, which say nothing new. */
function inOrder(sightings: readonly Sighting[]): Sighting[] {
  return [...sightings].sort((one, other) => one.time - other.time).filter(firstOfItsKind());
}

function firstOfItsKind(): (sighting: Sighting) => boolean {
  const seen = new Set<string>();
  return ({ at, way, interface: name, flags, icmp }) => {
    const key = [at, way, name, flags, icmp].join();
    return !seen.has(key) && Boolean(seen.add(key));
  };
}

export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
  return text.slice(0, 200).replace(/[\x00-\x1f\x7f]/g, "·");
}
