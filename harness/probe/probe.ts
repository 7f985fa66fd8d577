/** One probe in the running lab -> one verdict with evidence. */
import { randomUUID } from "node:crypto";
import { type Family, formatTarget, withoutPrefix } from "../core/address.ts";
import { otherLoopback } from "../core/cells.ts";
import type { LiveAttempt } from "../core/lesson.ts";
import { linkLocalOf, withoutZone } from "../core/link-local.ts";
import type { Admission, ProbeResult } from "../core/verdict.ts";
import type { Lab } from "../lab/lab.ts";
import type { SeenAttempt } from "../lab/operations/live.ts";
import type { ReadRules } from "../lab/read-rules.ts";
import { isIpv6 } from "../lab/wiring.ts";
import { destinationOf } from "./deciding-rule.ts";
import { judgeAttempt } from "./judge-attempt.ts";
import { judgeProbe } from "./judge-probe.ts";
import { judgeUnixSocketProbe } from "./judge-unix-socket.ts";
import { KnownRules } from "./known-rules.ts";
import { metRules } from "./met-rules.ts";
import { nextHops } from "./next-hops.ts";
import type { RawAttempt, RawProbe, RawSurroundings, Sighting } from "./raw-probe.ts";
import { Turns } from "./turns.ts";

/** How ssh or sshd reaches a forward's target: its own connection is watched as the probe's is. */
export interface Dial {
  /** Host of the lab that dials. */
  at: string;
  port: number;
  /** Left out: any, as a name may have several. */
  address?: string;
  /** How many addresses the target's name has there: one is dialled after the other until one answers. Left out: one. */
  addresses?: number;
  /** Addresses whose owners its packets need to find by ARP or neighbour discovery. */
  neighbours?: readonly string[];
}

export interface ProbeRequest {
  /** Host of the lab to probe from. */
  vantage: string;
  /** Link-local: with the interface of the vantage point. */
  address: string;
  port: number;
  /** Host that owns the address; the router for a NAT's public address. */
  targetHost: string;
  /** Where the forward listens, when that is not `port` of `targetHost`. */
  listener?: { host: string; port: number };
  /** Identity of the service that has to answer. */
  identity: string;
  /** Neighbour of the vantage point that its packets go to first. */
  via?: string;
  /** Account of the vantage point's host that connects. Default: root. */
  as?: string;
  /** Address of the vantage point that its packets come from. Default: its kernel's choice. */
  source?: string;
  /** The port that they come from. Default: its kernel's choice. One that is taken there, or that the account may not have, shows as `connect`. */
  sourcePort?: number;
  dial?: Dial;
  /** A dial whose packets are dropped does not end the probe: the next address is dialled when the kernel has given it up. */
  patient?: boolean;
  /** The agent aborts such a dial in the kernel's place: no later packet can get through. */
  giveUp?: boolean;
  /** The probe goes on until its deadline when its own packets are dropped: its kernel sends them again. */
  persistent?: boolean;
  /** Ask a SOCKS5 proxy at the target for this service instead. */
  socks?: { host: string; port: number };
  /** The target, or the service behind it, is an sshd. Like ssh, the probe tells its version at once: a firewall that stops what follows the handshake stops that. */
  asSsh?: boolean;
  /** How long to wait, in milliseconds, where nothing tells what became of the probe. Default 4,000. */
  deadlineMs?: number;
}

export interface UnixSocketProbeRequest extends Pick<ProbeRequest, "identity" | "socks" | "dial" | "patient" | "giveUp" | "deadlineMs"> {
  host: string;
  path: string;
  /** Account that opens it. */
  as: string;
  /** What stands at the path, as `ls -l` shows it. */
  file: string;
}

/** Probes a lab, and knows the rules that are loaded in each of its namespaces, to name the one that decided. */
export class Prober {
  readonly #lab: Lab;
  readonly #rules: KnownRules;
  readonly #turns = new Turns();
  readonly #hops = new Map<string, string[]>();
  readonly #addresses = new Map<string, string[]>();

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#rules = new KnownRules(lab);
  }

  /** Tell which rules a host has now; routers are read when first needed. */
  get useRules(): KnownRules["use"] {
    return this.#rules.use.bind(this.#rules);
  }

  /** Undefined while no probe has met a rule there. */
  rulesAt(namespace: string): ReadRules | undefined {
    return this.#rules.at(namespace);
  }

  async probe(request: ProbeRequest): Promise<ProbeResult> {
    const { vantage, address, port, targetHost, identity, via, as } = request;
    const listener = request.listener ?? { host: targetHost, port };
    const { nonce, raw } = await this.#watched(request, (nonce) => this.raw(request, nonce));
    const evaluated = [...raw.neighbours, ...raw.dialNeighbours, ...[raw, ...raw.dials].flatMap(({ decisions }) => decisions)];
    await this.#rules.know(evaluated);
    const family: Family = isIpv6(address) ? 6 : 4;
    const result = judgeProbe(raw, {
      vantage,
      family,
      address: withoutZone(address),
      port,
      target: formatTarget(address, port),
      targetHost,
      listener: [...this.#addressesOf(listener.host), otherLoopback(address) ?? []].flat().map((each) => `${each} ${listener.port}`),
      identity,
      nonce,
      ...this.#naming,
    });
    const met = metRules(evaluated, listener.host, (rule) => this.#rules.describe(rule));
    const cameFrom = sourceAt(listener.host, raw.sightings);
    const asked = { ...(via === undefined ? {} : { via }), ...(as === undefined ? {} : { as }) };
    return { ...result, met, ...(cameFrom === undefined ? {} : { cameFrom }), ...asked };
  }

  /** Opens a Unix socket as one account of its host. Throws when the host has no such account. */
  async probeUnixSocket(request: UnixSocketProbeRequest): Promise<ProbeResult> {
    const { host, path, as, socks, deadlineMs } = request;
    const { nonce, raw } = await this.#watched(request, (nonce) =>
      this.#lab.fabric.request("probe_unix_socket", {
        host,
        path,
        user: as,
        ...(socks ? { socks } : {}),
        ...watchedDial(request),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        ...nonceLine(nonce),
      }),
    );
    await this.#rules.know([...raw.dialNeighbours, ...raw.dials.flatMap(({ decisions }) => decisions)]);
    return judgeUnixSocketProbe(raw, { ...request, nonce, ...this.#naming });
  }

  /** A connection attempt that somebody else made. Undefined: not seen where it was made. */
  async attempt(seen: SeenAttempt): Promise<LiveAttempt | undefined> {
    await this.#rules.know(seen.decisions);
    return judgeAttempt(seen, this.#naming);
  }

  /** The facts without a verdict. */
  raw(request: ProbeRequest, nonce: string): Promise<RawProbe> {
    const { vantage, address, port, via, as, source, sourcePort, persistent, socks, deadlineMs } = request;
    return this.#lab.fabric.request("probe", {
      from: vantage,
      address,
      port,
      ...nonceLine(nonce),
      ...(request.asSsh ? { send: sshVersion } : {}),
      neighbours: this.#nextHops(request),
      ...(via === undefined ? {} : { via }),
      ...(as === undefined ? {} : { user: as }),
      ...(source === undefined ? {} : { source }),
      ...(sourcePort === undefined ? {} : { sourcePort }),
      ...(persistent === undefined ? {} : { persistent }),
      ...watchedDial(request),
      ...(socks ? { socks } : {}),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
  }

  /** Without prefix lengths; the same for every port. */
  #addressesOf(host: string): string[] {
    const { spec } = this.#lab;
    const known =
      this.#addresses.get(host) ??
      (spec.hosts[host]?.interfaces ?? [])
        .flatMap((wire) => [...wire.addresses, linkLocalOf(spec, host, wire) ?? []].flat())
        .map(withoutPrefix)
        .concat("127.0.0.1", "::1");
    this.#addresses.set(host, known);
    return known;
  }

  /** The same for every port. */
  #nextHops({ vantage, targetHost, address, via }: ProbeRequest): string[] {
    const key = JSON.stringify([vantage, targetHost, address, via]);
    const known = this.#hops.get(key) ?? nextHops(this.#lab.spec, { vantage, targetHost, address, via });
    this.#hops.set(key, known);
    return known;
  }

  /** Probes side by side may take each other's dials for their own; one that a dial may have ended is then repeated alone. */
  async #watched<Raw extends WatchedProbe>(
    { dial, patient = false }: Pick<ProbeRequest, "dial" | "patient">,
    probe: (nonce: string) => Promise<Raw>,
  ): Promise<{ nonce: string; raw: Raw }> {
    const once = async () => {
      const nonce = randomUUID();
      return { nonce, raw: await probe(nonce) };
    };
    if (!dial) return once();
    const key = `${dial.at} ${dial.port}`;
    // While the kernel gives dials up soon, those of earlier visitors go on to their next address: nobody else may take these for its own.
    const first = await this.#turns.shared(key, once, patient ? "patient" : "");
    return mayMistake(first.raw, patient) ? this.#turns.alone(key, once) : first;
  }

  get #naming() {
    return {
      kindOf: (namespace: string) => (namespace in this.#lab.spec.hosts ? ("host" as const) : ("router" as const)),
      describe: (rule: Parameters<KnownRules["describe"]>[0]): Admission => this.#rules.describe(rule),
      decisive: (...of: Parameters<KnownRules["decisive"]>) => this.#rules.decisive(...of),
      rewrites: (rule: Parameters<KnownRules["describe"]>[0]) => this.#rules.rewrites(rule),
      ofNat: (rule: Parameters<KnownRules["describe"]>[0]): boolean => this.#rules.ofNat(rule),
    };
  }
}

/** Undefined where it did not arrive, or not from another host. */
function sourceAt(host: string, sightings: readonly Sighting[]): string | undefined {
  const arrival = sightings.find(({ at, way, flags, interface: name }) => at === host && way === "in" && flags === "S" && name !== "lo");
  return arrival?.source.split(" ", 1)[0];
}

type WatchedProbe = RawSurroundings & { connect: string; end: string | null };

/** It ended without an answer, and a dial was dropped that may have been another probe's. No matter whose where all of them met the same end. */
function mayMistake({ connect, end, dials, dialNeighbours, dialsShared }: WatchedProbe, patient: boolean): boolean {
  const dropped = dialNeighbours.length > 0 || dials.some(({ decisions }) => decisions.some(({ verdict }) => verdict === "drop"));
  return dialsShared && connect === "connected" && end !== "answered" && dropped && !(patient && endAlike(dials));
}

/** Those to one address were all dropped by one rule. */
function endAlike(dials: readonly RawAttempt[]): boolean {
  const ends = [...Map.groupBy(dials, destinationOf).values()].map((alike) => new Set(alike.map(endOf)));
  return ends.every((each) => each.size === 1 && !each.has(""));
}

function endOf({ decisions }: RawAttempt): string {
  const drop = decisions.find(({ verdict }) => verdict === "drop");
  return drop ? [drop.at, drop.family, drop.table, drop.chain, drop.handle, drop.direction].join(" ") : "";
}

/** What the agent is told of the dial. */
function watchedDial({ dial, patient, giveUp }: Pick<ProbeRequest, "dial" | "patient" | "giveUp">) {
  if (!dial) return {};
  const { addresses: _, ...watched } = dial;
  return { dial: { ...watched, ...(patient ? { patient } : {}), ...(giveUp ? { giveUp } : {}) } };
}

/** RFC 4253, 4.2. */
const sshVersion = Buffer.from("SSH-2.0-forwardlab\r\n").toString("base64");

function nonceLine(nonce: string): { send: string; until: string } {
  return { send: Buffer.from(`forwardlab ${nonce}\n`).toString("base64"), until: Buffer.from("\n").toString("base64") };
}
