/** One probe in the running lab -> one verdict with evidence. */
import { randomBytes } from "node:crypto";
import type { Family } from "../core/address.ts";
import type { ProbeResult } from "../core/verdict.ts";
import { type LoadedRules, readRules } from "../lab/apply-firewall.ts";
import type { Lab } from "../lab/lab.ts";
import { isIpv6 } from "../lab/wiring.ts";
import { judgeProbe } from "./judge-probe.ts";
import { judgeUnixSocketProbe, type RawUnixSocketProbe } from "./judge-unix-socket.ts";
import type { RawProbe, TracedDecision } from "./raw-probe.ts";

export interface ProbeRequest {
  /** Host of the lab to probe from. */
  vantage: string;
  address: string;
  port: number;
  /** Host that owns the address; the router for a NAT's public address. */
  targetHost: string;
  /** Identity of the service that has to answer. */
  identity: string;
  /** Ask a SOCKS5 proxy at the target for this service instead. */
  socks?: { host: string; port: number };
  /** The target's address on the LAN that it shares with the vantage point, used as next hop. */
  via?: string;
  /** Account of the vantage point that connects. Default: root. */
  as?: string;
  /** The target speaks first (SSH does): its first line ends the probe. */
  targetSpeaksFirst?: boolean;
  /** How long to wait, in milliseconds, where nothing tells what became of the probe. Default 4,000. */
  deadlineMs?: number;
}

/** Probes a lab, and knows the rules that are loaded in each of its namespaces, to name the one that decided. */
export class Prober {
  readonly #lab: Lab;
  readonly #rules = new Map<string, LoadedRules>();
  /** Being read: many probes cross the same router at the same time. */
  readonly #reading = new Map<string, Promise<void>>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Tell which rules a host has now; routers are read when first needed. */
  useRules(namespace: string, rules: LoadedRules): void {
    this.#rules.set(namespace, rules);
  }

  async probe(request: ProbeRequest): Promise<ProbeResult> {
    const nonce = randomBytes(12).toString("hex");
    const raw = await this.raw(request, nonce);
    const traced = new Set(raw.decisions.filter(({ verdict }) => verdict !== "continue").map(({ at }) => at));
    await Promise.all([...traced].map((at) => this.#know(at)));
    const family: Family = isIpv6(request.address) ? 6 : 4;
    return judgeProbe(raw, {
      vantage: request.vantage,
      family,
      target: family === 6 ? `[${request.address}]:${request.port}` : `${request.address}:${request.port}`,
      targetHost: request.targetHost,
      identity: request.identity,
      nonce,
      kindOf: (namespace) => (namespace in this.#lab.spec.hosts ? "host" : "router"),
      describe: (decision) => this.#describe(decision),
    });
  }

  /** Opens a Unix socket as one account of its host. Throws when the host has no such account. */
  async probeUnixSocket(request: {
    host: string;
    path: string;
    as: string;
    identity: string;
    file: string;
    socks?: ProbeRequest["socks"];
  }): Promise<ProbeResult> {
    const nonce = randomBytes(12).toString("hex");
    const { host, path, as } = request;
    const raw = await this.#lab.fabric.request<RawUnixSocketProbe>("probe_unix_socket", {
      host,
      path,
      user: as,
      ...(request.socks ? { socks: request.socks } : {}),
      send: Buffer.from(`forwardlab ${nonce}\n`).toString("base64"),
      until: Buffer.from("\n").toString("base64"),
    });
    return judgeUnixSocketProbe(raw, { ...request, nonce });
  }

  /** The facts without a verdict. */
  raw(request: ProbeRequest, nonce: string, more: { sourcePort?: number } = {}): Promise<RawProbe> {
    return this.#lab.fabric.request<RawProbe>("probe", {
      from: request.vantage,
      address: request.address,
      port: request.port,
      send: request.targetSpeaksFirst ? "" : Buffer.from(`forwardlab ${nonce}\n`).toString("base64"),
      until: Buffer.from("\n").toString("base64"),
      ...(request.socks ? { socks: request.socks } : {}),
      ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
      ...more,
    });
  }

  async #know(at: string): Promise<void> {
    if (this.#rules.has(at)) return;
    const reading =
      this.#reading.get(at) ??
      readRules(this.#lab, at)
        .then((rules) => {
          // What was told meanwhile is newer.
          if (!this.#rules.has(at)) this.#rules.set(at, rules);
        })
        .finally(() => this.#reading.delete(at));
    this.#reading.set(at, reading);
    await reading;
  }

  #describe(decision: TracedDecision): { rule: string; file?: string; line?: number } {
    const handle = decision.kind === "rule" ? decision.handle : null;
    const rules = this.#rules.get(decision.at);
    return rules?.describe({ ...decision, handle }) ?? { rule: `${decision.family} ${decision.table} ${decision.chain} ${decision.kind}` };
  }
}
