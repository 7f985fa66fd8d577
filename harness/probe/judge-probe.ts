/** From what was seen of a probe to its verdict, with the proof. Pure: no verdict of the blocked kind comes from silence. */
import type { Admission, Evidence, PacketDecision, ProbeResult, Verdict } from "../core/verdict.ts";
import {
  diversion,
  forwardDecision,
  handshakeDecision,
  hangs,
  matchedWhereStopped,
  metBefore,
  neighbourDecision,
  proxyDecision,
  redirection,
  rewriting,
} from "./deciding-rule.ts";
import type { ProbeContext } from "./probe-context.ts";
import { inOrder, traceOf } from "./probe-trace.ts";
import type { RawProbe, Sighting, TracedDecision } from "./raw-probe.ts";

export function judgeProbe(raw: RawProbe, context: ProbeContext): ProbeResult {
  const arrival = raw.sightings.find(({ at, way, flags }) => at === context.targetHost && way === "in" && flags === "S");
  const connected = raw.connect === "connected";
  const { verdict, evidence, decision } = connected ? judgeConnected(raw, context) : judgeUnconnected(raw, context, arrival !== undefined);
  const admission = connected ? admissionOf(raw.decisions, context) : undefined;
  const translation = connected ? translationOf(raw.decisions, context) : undefined;
  return {
    vantage: context.vantage,
    family: context.family,
    target: context.target,
    verdict,
    ...(decision ? { decision, matched: matchedWhereStopped(raw, decision, context) } : {}),
    ...(connected && raw.end === "answered" && dialLostPackets(raw) ? { dialRepeated: true } : {}),
    ...(raw.source ? { sourcePort: raw.source.port } : {}),
    ...(connected && raw.end === "silent" ? { unanswered: true } : {}),
    ...(admission ? { admission } : {}),
    ...(translation ? { translation } : {}),
    evidence: {
      ...(raw.source ? { from: raw.source.address } : {}),
      ...(arrival ? { seenAs: arrival.source.split(" ")[0] } : {}),
      arrived: arrival !== undefined,
      connect: raw.connect,
      // What was dialled while this one waited belongs to another probe.
      trace: traceOf(connected ? raw : { ...raw, dials: [] }, context.describe),
      ms: raw.ms,
      ...evidence,
    },
  };
}

/** Of a probe with an answer, only the dial that led to it is known. */
function dialLostPackets({ dials }: Pick<RawProbe, "dials">): boolean {
  return dials.length === 1 && dials.some(({ decisions }) => decisions.some(({ verdict }) => verdict === "drop"));
}

interface Judged {
  verdict: Verdict;
  /** Beside what every probe has. */
  evidence?: Partial<Evidence>;
  /** The rule, or the route, that stopped it. */
  decision?: PacketDecision;
}

/** The handshake is done: who answered, and if nobody did, what stopped the data. */
function judgeConnected(raw: RawProbe, context: ProbeContext): Judged {
  const received = Buffer.from(raw.received, "base64").toString("utf8");
  const answer = serviceAnswer(received, context.identity, context.nonce);
  if (answer) return { verdict: "reached", evidence: { nonce: "match", ...answer } };
  if (received !== "") return { verdict: "wrong-service", evidence: { nonce: "mismatch", received: printable(received) } };
  const stopped = forwardDecision(raw, raw.end, context) ?? proxyDecision(raw, context);
  if (stopped) return { verdict: "filtered", evidence: { nonce: "none" }, decision: stopped };
  if (raw.end !== "silent") return { verdict: "closed", evidence: { nonce: "none", note: closedNote(raw) } };
  const note = `accepted, then neither answered nor closed, and no rule was seen to stop it${lost(raw)}`;
  return { verdict: "inconclusive", evidence: { nonce: "none", note } };
}

/** No handshake: a rule that stopped it, else who refused it, or said that there is no way. */
function judgeUnconnected(raw: RawProbe, context: ProbeContext, arrived: boolean): Judged {
  const redirected = redirection(raw, context);
  if (redirected) return { verdict: "filtered", decision: redirected };
  const decision = handshakeDecision(raw, context);
  if (decision) {
    // A router that says "no route" by a rule is a router without a route.
    const unroutable = decision.kind === "router" && decision.action === "reject" && raw.connect !== "ECONNREFUSED";
    return { verdict: unroutable ? "unreachable" : "filtered", decision };
  }
  const rewritten = rewriting(raw, context);
  if (rewritten) return { verdict: "filtered", decision: rewritten };
  const diverted = diversion(raw, context);
  if (diverted) return { verdict: "filtered", decision: diverted };
  const lookup = neighbourDecision(raw, context, arrived);
  if (lookup) return { verdict: "filtered", decision: lookup };
  if (raw.connect === "ECONNREFUSED") return judgeRefused(raw, context, arrived);
  const icmp = originOf(raw.sightings, ({ icmp }) => icmp !== undefined);
  if (icmp !== undefined) return { verdict: "unreachable", evidence: { note: `${icmp} answered that the destination is unreachable` } };
  if (raw.connect === "ENETUNREACH") return { verdict: "unreachable", evidence: { note: `${context.vantage} has no route to it` } };
  if (raw.connect === "EHOSTUNREACH") return { verdict: "unreachable", evidence: { note: "no neighbour has that address" } };
  return judgeLostRefusal(raw, context, arrived) ?? { verdict: "inconclusive", evidence: { note: pendingNote(raw, context) } };
}

/**
 * An RST of the target's own that was seen leaving there, and never reached the client (a private network's hosts may send where no answer finds
 * back; a rule of the host that dials itself may drop it as it comes in): the port is closed all the same.
 */
function judgeLostRefusal({ connect, sightings }: RawProbe, { targetHost, vantage }: ProbeContext, arrived: boolean): Judged | undefined {
  if (!hangs({ connect }) || !arrived) return undefined;
  const itself = vantage === targetHost;
  const dialled = sightings.find(({ at, way, flags }) => at === targetHost && way === "in" && flags === "S")?.destination;
  const resets = sightings.filter(({ flags, source }) => flags.includes("R") && (!itself || source === dialled));
  const back = !itself && resets.some(({ at, way }) => at === vantage && way === "in");
  if (back || originOf(resets, () => true) !== targetHost) return undefined;
  const lastSeen = inOrder(resets).at(-1)?.at;
  return { verdict: "refused", evidence: { note: `the RST of ${targetHost} was last seen at ${lastSeen}` } };
}

/** An RST is a proof only from where the SYN was seen to arrive. */
function judgeRefused({ sightings }: RawProbe, { targetHost }: ProbeContext, arrived: boolean): Judged {
  const sender = originOf(sightings, ({ flags }) => flags.includes("R"));
  if (sender === undefined)
    return { verdict: "inconclusive", evidence: { note: "refused, but no host of the lab was seen sending the RST" } };
  if (sender === targetHost && arrived) return { verdict: "refused" };
  const reachedSender = sightings.some(({ at, way, flags }) => at === sender && way === "in" && flags === "S");
  if (reachedSender) return { verdict: "refused", evidence: { arrived: true, note: `the RST came from ${sender}` } };
  return { verdict: "inconclusive", evidence: { note: `an RST came from ${sender}, where the SYN was not seen to arrive` } };
}

/**
 * A rule that accepts says more than a policy that does; of several hooks, the last one had the last word. The policy of a chain that translates
 * addresses keeps nobody out whatever it is: who wants to, writes it in a filter.
 */
function admissionOf(decisions: readonly TracedDecision[], context: ProbeContext): Admission | undefined {
  const accepting = onArrival(decisions, context).filter(
    (each) => each.verdict === "accept" && (each.kind === "rule" || !context.ofNat(each)),
  );
  const last = accepting.findLast(({ kind }) => kind === "rule") ?? accepting.at(-1);
  return last && context.describe(context.decisive(last, metBefore(last, decisions)));
}

function translationOf(decisions: readonly TracedDecision[], context: ProbeContext): Admission | undefined {
  const rule = onArrival(decisions, context).find((each) => each.kind === "rule" && context.rewrites(each).includes("destination"));
  return rule && context.describe(rule);
}

/** The rules that the SYN met at the host with the address that was dialled; where that is a router's, at the host behind it: a router's rules are no host's firewall. */
function onArrival(decisions: readonly TracedDecision[], { targetHost, vantage, kindOf }: ProbeContext): TracedDecision[] {
  const behind = kindOf(targetHost) === "router";
  const isThere = (at: string) => (behind ? kindOf(at) === "host" && at !== vantage : at === targetHost);
  return decisions.filter(({ at, direction }) => isThere(at) && direction === "request");
}

/** The line a service of the lab answers with, `forwardlab IDENTITY NONCE PEER`; or that of a server's sshd, `SSH-2.0-SOFTWARE … IDENTITY`. */
export function serviceAnswer(
  received: string,
  identity: string,
  nonce: string,
): Pick<Evidence, "peerSeenByService" | "received"> | undefined {
  for (const line of received.split("\n")) {
    const words = line.trim().split(" ");
    const [word = "", who, what, peer] = words;
    if (word.startsWith("SSH-2.0-") && words.length > 1 && words.at(-1) === identity) return { received: printable(words.join(" ")) };
    if (word === "forwardlab" && who === identity && what === nonce && peer !== undefined) return { peerSeenByService: peer };
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

function closedNote(raw: RawProbe): string {
  if (raw.socksReply) return `the SOCKS proxy answered with reply code ${raw.socksReply} (RFC 1928)`;
  return raw.end === "eof" || raw.end === null ? "accepted, then closed without data" : `accepted, then ${raw.end}`;
}

function pendingNote(raw: RawProbe, context: ProbeContext): string {
  const last = inOrder(raw.sightings)
    .filter(({ flags }) => flags === "S")
    .at(-1);
  if (!last) return `no packet was seen leaving${lost(raw)}`;
  const rule = raw.decisions
    .filter(({ at, direction, verdict }) => at === last.at && direction === "request" && verdict !== "continue")
    .at(-1);
  const met = rule ? `, where the last rule for it was \`${placed(context.describe(rule))}\`` : "";
  return `no answer, and no rule was seen to drop it; the SYN was last seen ${last.way === "in" ? "arriving at" : "leaving"} ${last.at}${met}${lost(raw)}`;
}

function lost({ traceLost }: Pick<RawProbe, "traceLost">): string {
  return traceLost ? "; trace messages were lost" : "";
}

function placed({ rule, file, line }: ReturnType<ProbeContext["describe"]>): string {
  return file === undefined ? rule : `${file}:${line} ${rule}`;
}

export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
  return text.slice(0, 200).replace(/[\x00-\x1f\x7f]/g, "·");
}
