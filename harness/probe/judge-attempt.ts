/** From what was seen of a connection attempt that somebody made to what became of it. Pure; packets are judged as a probe's are. */
import { formatTarget } from "../core/address.ts";
import type { LiveAttempt } from "../core/lesson.ts";
import type { SeenAttempt } from "../lab/operations/live.ts";
import { judgeProbe } from "./judge-probe.ts";
import type { ProbeContext } from "./probe-context.ts";
import { inOrder } from "./probe-trace.ts";
import type { RawProbe, Sighting } from "./raw-probe.ts";

type Naming = Pick<ProbeContext, "kindOf" | "describe" | "decisive" | "rewrites" | "ofNat">;

/** Undefined: not seen where it was made. */
export function judgeAttempt(seen: SeenAttempt, naming: Naming): LiveAttempt | undefined {
  const way = wayOf(seen);
  const [maker] = way;
  const ends = maker === undefined ? undefined : endsAt(seen, maker);
  if (maker === undefined || !ends) return undefined;
  const raw: RawProbe = { ...seen, ...nothingElse, connect: connectOf(seen.sightings, maker) };
  const [address = "", port = "0"] = ends.destination.split(" ");
  const target = asTarget(ends.destination);
  const { verdict, decision, admission } = judgeProbe(raw, {
    ...naming,
    vantage: maker,
    family: address.includes(":") ? 6 : 4,
    address,
    port: Number(port),
    target,
    targetHost: way.at(-1) ?? maker,
    // Whoever made it wanted to get wherever it was led.
    listener: [...seen.passages, ...seen.decisions, ...seen.sightings].map(({ destination }) => destination),
    identity: "",
    nonce: "",
  });
  const decidedBy = decision ?? (admission && { at: way.at(-1) ?? maker, ...admission });
  return {
    id: seen.number,
    way,
    source: asTarget(ends.source),
    destination: target,
    outcome: raw.connect === "connected" ? "connected" : outcomeOf(verdict, decision?.action, raw.connect),
    ...(decidedBy ? { decidedBy: placed(decidedBy) } : {}),
  };
}

const nothingElse = { received: "", end: null, dials: [], dialsShared: false, neighbours: [], dialNeighbours: [], traceLost: false, ms: 0 };

function outcomeOf(verdict: string, action: string | undefined, connect: string): LiveAttempt["outcome"] {
  if (verdict === "filtered" && action !== "reject") return "dropped";
  if (connect === "ECONNREFUSED") return "refused";
  return verdict === "unreachable" || verdict === "filtered" ? "unreachable" : "unanswered";
}

/** Hosts and routers in the order in which its SYN was seen. One that never left is known where its maker's rules were asked. */
function wayOf({ sightings, passages, decisions }: SeenAttempt): string[] {
  const seen = inOrder(sightings).filter(isSyn);
  const asked = [...passages, ...decisions.filter(({ direction }) => direction === "request")];
  return [...new Set([...seen, ...asked].map(({ at }) => at))];
}

function endsAt(seen: SeenAttempt, maker: string): { source: string; destination: string } | undefined {
  const own = ({ at }: { at: string }) => at === maker;
  // As it was before any destination NAT of the maker's own.
  return (
    seen.passages.filter(own).find(({ chain }) => chain === "leave") ?? inOrder(seen.sightings).find((each) => own(each) && isSyn(each))
  );
}

/** What whoever made it has heard. */
function connectOf(sightings: readonly Sighting[], maker: string): string {
  const heard = inOrder(sightings).filter(({ at, way, flags }) => at === maker && way === "in" && flags !== "S");
  const [first] = heard;
  if (!first) return "pending";
  if (first.icmp !== undefined) return "EHOSTUNREACH";
  return first.flags.includes("R") ? "ECONNREFUSED" : "connected";
}

function isSyn({ flags, icmp }: Sighting): boolean {
  return flags === "S" && icmp === undefined;
}

function asTarget(socket: string): string {
  const [address = "", port = "0"] = socket.split(" ");
  return formatTarget(address, Number(port));
}

function placed({ at, rule, file, line }: NonNullable<LiveAttempt["decidedBy"]>): LiveAttempt["decidedBy"] {
  return { at, rule, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}
