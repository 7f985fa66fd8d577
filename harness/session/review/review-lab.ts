/**
 * A review's lab at work: asks as each principal, then looks who reaches each kind of listener that was granted. After a change of the server's files
 * it looks again at what the change can have touched, and at nothing else.
 */

import type { HostAdaptation } from "../../core/adaptation.ts";
import { UserError } from "../../core/errors.ts";
import { type HostSpec, type LabSpec, leadsTo } from "../../core/lab-spec.ts";
import type { Observation } from "../../core/observation.ts";
import {
  type ListenAnswer,
  listenerKey,
  listeningAddresses,
  type PrincipalFacts,
  type Repeated,
  type Representative,
} from "../../core/review-facts.ts";
import { stepOf } from "../../core/step.ts";
import type { MetRule, ProbeResult } from "../../core/verdict.ts";
import type { RulePosition } from "../../firewall/firewall-files.ts";
import type { NftListing } from "../../firewall/rule-lines.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { targetHost } from "../../policy/forward-target.ts";
import type { ReviewPlan } from "../../policy/review/plan.ts";
import { metadataHost } from "../../policy/review/review-targets.ts";
import { atMost } from "../at-most.ts";
import type { ForwardLab } from "../forward-lab.ts";
import { type SshRoute, serverHost, sshRoute } from "../login-route.ts";
import { type ForwardToObserve, observe } from "../observe.ts";
import { provideXauth } from "./ask-channels.ts";
import { type AskedPrincipal, askPrincipals, loginOf, type SshWay, wayName } from "./ask-principals.ts";

export interface ReviewObserved {
  principals: PrincipalFacts[];
  representatives: Representative[];
  observations: Observation[];
}

/** How the server's files differ from those of the first look. */
export interface Change {
  /** sshd's config, or the accounts' keys. */
  sshd: boolean;
  firewall: boolean;
  /** The one rule, or policy of a chain, that is changed. Left out: any. */
  rule?: Pick<RulePosition, "file" | "line" | "family" | "table" | "chain">;
}

/** What the firewall's rules go by besides a packet's own addresses and ports. */
export interface Telling {
  /** The account that owns a socket, or its control group: each account's listeners are looked at. */
  byOwner: boolean;
  /** Rules that give packets another destination, or ask for the socket: each set of listening addresses is looked at. */
  byListener: boolean;
}

export class ReviewLab {
  readonly lab: ForwardLab;
  /** What was added to the server. */
  readonly adaptations: HostAdaptation[] = [];
  readonly #plan: ReviewPlan;
  readonly #telling: Telling;
  /** As it was at the first look. */
  #asked: AskedPrincipal[] = [];
  /** The lab, with nobody to probe from but those who stand for a class of sources, and the server. */
  readonly #probed: LabSpec;
  /** By kind of listener, at the first look. */
  readonly #seen = new Map<string, Observation[]>();
  /** From where sshd answered at the first look. */
  #answering: readonly SshWay[] = [];
  /** Rules that logins met at the first look. */
  #loginRules: MetRule[] = [];
  #outgoing: NftListing["nftables"] = [];

  constructor(lab: ForwardLab, plan: ReviewPlan, telling: Telling) {
    this.lab = lab;
    this.#plan = plan;
    this.#telling = telling;
    this.#probed = onlyFrom(plan.spec, [serverHost, ...plan.sources.classes.map(({ vantage }) => vantage)]);
  }

  /** The lab's services at what the server is asked to dial; a target that no host of the lab has stays without. */
  async startTargets(): Promise<void> {
    const { spec, dials } = this.#plan;
    this.adaptations.push(...(await provideXauth(this.lab)));
    for (const { host, port, kind } of dials) {
      const at = kind === "metadata" ? metadataHost : targetHost(spec, serverHost, host);
      if (kind === "socket") await this.lab.socketService(serverHost, host);
      else if (at !== undefined) await this.lab.service(at, port).catch(takenByOther);
    }
  }

  /** With the user's own files. */
  async look(signal?: AbortSignal): Promise<ReviewObserved> {
    const hosts = [...this.#plan.sources.classes, ...this.#plan.origins.flatMap((origin) => origin.hosts)];
    const { ends } = this.#plan;
    const ways = hosts.flatMap(({ vantage, family }): SshWay[] =>
      ends.length === 0 ? [{ vantage, family }] : ends.map((to) => ({ vantage, family, to })),
    );
    const { answering, met } = await this.#findSshd([...new Map(ways.map((way) => [wayName(way), way])).values()]);
    if (answering.length === 0) this.#requireKnownSshd(ways);
    this.#answering = answering;
    this.#loginRules = met;
    this.#outgoing = this.lab.rules.listing.nftables;
    this.#asked = await askPrincipals(this.lab, this.#plan.accounts, this.#plan, [], {
      signal,
      onAsked: (done, of) => this.lab.tell({ type: "step", ...stepOf("principals-asked", { done, of }) }),
    });
    return this.#reach(this.#asked, this.#seen, () => true, signal);
  }

  /** With changed files, which the server has now: only what the change can touch is looked at, all else is as it was. */
  async lookAgain(change: Change, signal?: AbortSignal): Promise<ReviewObserved> {
    const { firewall, sshd, rule } = change;
    const everybody = firewall && this.#touchesSshd(rule);
    const silent = everybody ? await this.#silentNow() : [];
    const asked =
      everybody || sshd
        ? await askPrincipals(this.lab, this.#plan.accounts, this.#plan, everybody ? [] : this.#asked, {
            signal,
            silent: silent.map(wayName),
          })
        : this.#asked;
    const met = ({ probe }: Observation) => probe.met?.some(({ file, line }) => file === rule?.file && line === rule.line) ?? true;
    const same = (observations: readonly Observation[]) => !firewall || (rule !== undefined && !observations.some(met));
    return this.#reach(asked, new Map(this.#seen), same, signal);
  }

  /** Rules of the server's firewall that logins met. */
  get rulesOfLogins(): readonly MetRule[] {
    return this.#loginRules;
  }

  /** @param same what was seen of a kind of listener still holds */
  async #reach(
    asked: readonly AskedPrincipal[],
    seen: Map<string, Observation[]>,
    same: (observations: readonly Observation[]) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<ReviewObserved> {
    const principals = asked.map(({ facts }) => facts);
    const kinds = this.#kinds(principals);
    const carriers = kinds.map((kind) => this.#carrierOf(kind, kinds));
    const unseen = [...new Set(carriers)].filter(({ key }) => {
      const known = seen.get(key);
      return !known || !same(known);
    });
    const { observations, closed } = await observe(
      this.lab,
      unseen.map(({ forward }) => forward),
      { spec: this.#probed, ...(signal ? { signal } : {}) },
    );
    await closed;
    const byForward = Map.groupBy(observations, ({ cell }) => cell.forward);
    for (const { key, forward } of unseen) seen.set(key, byForward.get(forward.name) ?? []);
    return {
      principals,
      representatives: kinds.map(({ representative }) => representative),
      observations: kinds.flatMap(({ representative }, at) => {
        const carrier = carriers[at] as Kind;
        return this.#atListeners(seen.get(carrier.key) ?? [], representative, carrier.representative);
      }),
    };
  }

  /** What was seen at these listeners' own addresses. The forward that was looked at may listen on more, and may have had another name. */
  #atListeners(observations: readonly Observation[], { forward, listeners }: Representative, carrier: Representative): Observation[] {
    const narrower = listeners.length !== carrier.listeners.length || listeners.some((each) => !carrier.listeners.includes(each));
    return observations
      .filter(({ cell }) => !narrower || covers(listeners, bracketed(this.#dialled(cell))))
      .map((each) => ({ ...each, cell: { ...each.cell, forward } }));
  }

  /** The server's own address that the connection gets to: of a NAT's, the one to which it leads the port. */
  #dialled({ address, port, nat }: Observation["cell"]): string {
    return (nat === undefined ? undefined : leadsTo(this.#plan.spec.routers[nat], port)?.address) ?? address;
  }

  /** May the rule decide about logins, or about what sshd dials? */
  #touchesSshd(rule: Change["rule"]): boolean {
    if (!rule || this.#loginRules.some(({ file, line }) => file === rule.file && line === rule.line)) return true;
    const chains = this.#outgoing.flatMap(({ chain }) => (chain?.hook ? [chain] : []));
    const own = chains.find(({ family, table, name }) => family === rule.family && table === rule.table && name === rule.chain);
    if (own) return outgoingHooks.has(own.hook ?? "");
    // A chain of the user's own may be jumped to from an outgoing one, where there are rules.
    const outgoing = chains.filter(({ hook }) => outgoingHooks.has(hook ?? ""));
    return this.#outgoing.some(({ rule: each }) => outgoing.some(({ table, name }) => each?.table === table && each?.chain === name));
  }

  /** From where sshd answered at the first look, and does no more. */
  async #silentNow(): Promise<SshWay[]> {
    const { answering } = await this.#findSshd(this.#answering);
    return this.#answering.filter((way) => !answering.includes(way));
  }

  /** Of these ways, those on which sshd answers; and the rules of the server's firewall that the probes met. */
  async #findSshd(ways: readonly SshWay[]): Promise<{ answering: SshWay[]; met: MetRule[] }> {
    const probes = await atMost(16, ways, (way) => this.#probeSshd(way));
    return {
      answering: ways.filter((_, at) => probes[at]?.evidence.received !== undefined),
      met: probes.flatMap((probe) => probe?.met ?? []),
    };
  }

  /** Where nobody gets to sshd, a rule that lets them in elsewhere than in the lab is why. */
  #requireKnownSshd(ways: readonly SshWay[]): void {
    const ports = ways.flatMap((way) => this.#routeOf(way)?.local.port ?? []);
    this.lab.rules.requireKnown([...new Set(ports)]);
  }

  async #probeSshd(way: SshWay): Promise<ProbeResult | undefined> {
    const { vantage } = way;
    const route = this.#routeOf(way);
    if (!route) return undefined;
    return this.lab.prober.probe({
      vantage,
      address: route.address,
      port: route.port,
      targetHost: route.nat ?? serverHost,
      listener: { host: serverHost, port: route.local.port },
      identity: "",
      asSsh: true,
    });
  }

  /** Undefined: no address of the server that the host can name leads to sshd there. */
  #routeOf({ vantage, family, to }: SshWay): SshRoute | undefined {
    try {
      return sshRoute(this.lab.lab, this.lab.server, vantage, { addressFamily: family, ...(to ? { to } : {}) });
    } catch (error) {
      if (error instanceof UserError && error.code === "sshd-address") return undefined;
      throw error;
    }
  }

  /** One request of each kind of answer, made by an ssh that asks for nothing else. */
  async repeatSample(): Promise<Repeated[]> {
    const kinds = new Map<string, { principal: PrincipalFacts; answer: ListenAnswer }>();
    for (const { facts } of this.#asked) {
      for (const answer of facts.listens) {
        const kind = answer.granted ? listeningAddresses(answer.listeners).join() : (answer.refusedBy?.code ?? "");
        if (!kinds.has(kind)) kinds.set(kind, { principal: facts, answer });
      }
    }
    const repeated: Repeated[] = [];
    for (const { principal, answer } of kinds.values()) {
      const { vantage, id } = principal;
      if (vantage === null) continue;
      const ssh = parseForwardArguments(answer.ask.ssh);
      await using alone = await this.lab.open({ ...loginOf(principal), name: "repeated", from: vantage, ssh });
      const [before, after] = [answerText(answer), answerText(alone.open.outcome)];
      repeated.push({ principal: id, ssh: answer.ask.ssh, ...(before === after ? {} : { differs: `${before}; alone ${after}` }) });
    }
    return repeated;
  }

  /** Each set of listening addresses in each class of ports, with a forward that has it. */
  #kinds(principals: readonly PrincipalFacts[]): Kind[] {
    const found = new Map<string, Kind>();
    for (const principal of principals) {
      for (const { ask, granted, listeners } of principal.listens) {
        if (!granted || principal.vantage === null) continue;
        const account = this.#telling.byOwner ? principal.account : "";
        const addresses = listeningAddresses(listeners);
        const key = listenerKey(addresses, ask.portClass, account);
        if (found.has(key)) continue;
        const name = `reach-${found.size + 1}`;
        found.set(key, {
          key,
          representative: { forward: name, listeners: addresses, portClass: ask.portClass, account, principal: principal.id, ssh: ask.ssh },
          forward: {
            ...loginOf(principal),
            name,
            from: principal.vantage,
            ssh: parseForwardArguments(ask.ssh),
            listening: { forward: name, host: serverHost, port: ask.port },
          },
        });
      }
    }
    return [...found.values()];
  }

  /** The one with most addresses that has all of these, too: a packet to one of them meets the same rules on its way to either. */
  #carrierOf(kind: Kind, all: readonly Kind[]): Kind {
    if (this.#telling.byListener) return kind;
    const { portClass, account, listeners } = kind.representative;
    const wider = all.filter(
      ({ representative: other }) =>
        other.portClass === portClass && other.account === account && listeners.every((each) => covers(other.listeners, each)),
    );
    return (
      wider.find(({ representative }) =>
        wider.every((other) => other.representative.listeners.every((each) => covers(representative.listeners, each))),
      ) ?? kind
    );
  }
}

interface Kind {
  key: string;
  representative: Representative;
  forward: ForwardToObserve;
}

/** Is a connection to the address taken by one of the listeners? */
function covers(listeners: readonly string[], address: string): boolean {
  return listeners.includes(address) || listeners.includes(address.startsWith("[") ? "[::]" : "0.0.0.0");
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function onlyFrom(spec: LabSpec, vantages: readonly string[]): LabSpec {
  const hosts = Object.entries(spec.hosts).map(([name, host]): [string, HostSpec] => [
    name,
    vantages.includes(name) ? host : { ...host, families: [] },
  ]);
  return { ...spec, hosts: Object.fromEntries(hosts) };
}

const outgoingHooks = new Set(["output", "postrouting", "egress"]);

function answerText({ granted, listeners, refusedBy }: Pick<ListenAnswer, "granted" | "listeners" | "refusedBy">): string {
  return granted ? `listens on ${[...listeners].sort().join(", ")}` : `refused: ${refusedBy?.code ?? "no reason"}`;
}

/** Something of the server's own answers there. */
function takenByOther(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "service-port")) throw error;
}
