/** Probes open forwards: each cell as if nobody had been there before. */

import { type Family, withoutPrefix } from "../core/address.ts";
import type { Cell } from "../core/cells.ts";
import { distinctValues } from "../core/distinct.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import { natsOf } from "../core/lab-spec.ts";
import type { PortRange } from "../core/port-range.ts";
import type { ProbeResult } from "../core/verdict.ts";
import type { HeldSettings } from "../lab/held-settings.ts";
import type { Lab } from "../lab/lab.ts";
import { runTool } from "../lab/tool.ts";
import { isIpv6 } from "../lab/wiring.ts";
import { fallbackMs, hasFallback, soonGivenUp, throughFallback } from "../probe/dial-fallback.ts";
import { throughKnownNeighbours } from "../probe/known-neighbours.ts";
import type { ProbeRequest, Prober } from "../probe/probe.ts";
import { maybeLater, mayPassLater, throughRetransmission } from "../probe/retransmission.ts";
import { fromEveryPort } from "../probe/source-port.ts";
import { Turns } from "../probe/turns.ts";
import { awaitLog } from "../ssh/await-log.ts";
import { formatUnixListener } from "../ssh/forward-listeners.ts";
import { atMost } from "./at-most.ts";
import { dialTo } from "./forward-ends.ts";
import type { Probeable } from "./forward-handle.ts";
import type { LabServers, SeenVisit, VisitAt } from "./lab-servers.ts";

/** Probes under way at a time: more gain nothing, as one agent makes them all. */
const mostAtOnce = 64;

/** Nobody needs to answer there. */
const discardPort = 9;

/** Milliseconds: an answered request takes less than one. */
const lookupMs = 300;

/** Probes with chosen ports take turns. */
const chosenPorts = "chosen ports";

/** How a probe of one cell differs from the first. */
type How = Pick<ProbeRequest, "sourcePort" | "patient" | "giveUp" | "persistent" | "deadlineMs">;

/** How a cell is dialled. */
export type Way = Pick<Cell, "vantage" | "address"> & Partial<Pick<Cell, "nat" | "port" | "via" | "as">>;

export class ForwardProber {
  readonly #lab: Lab;
  readonly #prober: Prober;
  readonly #servers: LabServers;
  readonly #turns = new Turns();
  readonly #settings: HeldSettings;

  constructor(lab: Lab, prober: Prober, servers: LabServers, settings: HeldSettings) {
    this.#lab = lab;
    this.#settings = settings;
    this.#prober = prober;
    this.#servers = servers;
  }

  /** One cell of an open forward. */
  cell(forward: Probeable, cell: Cell): Promise<ProbeResult> {
    const meant = cell.socks ? this.#towards(forward, cell.socks) : forward;
    const probe = () => (cell.scope === "socket" && cell.as !== undefined ? this.unixSocket(meant, cell.as) : this.port(meant, cell));
    const { isSshd, host } = meant.service;
    // Of many who have not logged in, an sshd turns some away (MaxStartups).
    return isSshd ? this.#turns.alone(`sshd of ${host}`, probe) : probe();
  }

  /** The forward as one that leads to this target alone. A target that the lab does not have has no service. */
  #towards(forward: Probeable, { host, port }: { host: string; port: number }): Probeable {
    const found = forward.proxied?.find(({ target }) => target.host === host && target.port === port);
    const service = found?.service ?? { ...forward.service, identity: "nobody" };
    const dial = forward.dial && dialTo(this.#lab.spec, forward.dial.at, { host, port });
    return { ...forward, service, socks: { host, port }, ...(dial ? { dial } : {}) };
  }

  /** Cells of several forwards, concurrently where no rule with state stands in the way. The results are in the order of the cells. */
  cells<T extends { handle: Probeable; cell: Cell }>(
    all: readonly T[],
    done: (one: T, result: ProbeResult) => void,
  ): Promise<ProbeResult[]> {
    return atMost(mostAtOnce, all, async (one) => {
      const result = await this.cell(one.handle, one.cell);
      done(one, result);
      return result;
    });
  }

  /** One address of the host that listens. */
  async port(forward: Probeable, { vantage, address, nat, port = forward.port, via, as }: Way): Promise<ProbeResult> {
    const probe = (how: How) =>
      this.#prober.probe({
        vantage,
        address,
        port,
        targetHost: nat ?? forward.listensOn,
        listener: { host: forward.listensOn, port: forward.port },
        identity: forward.service.identity,
        ...(forward.service.isSshd ? { asSsh: true } : {}),
        ...(forward.socks ? { socks: forward.socks } : {}),
        ...(via === undefined ? {} : { via }),
        ...(as === undefined ? {} : { as }),
        ...(forward.dial ? { dial: forward.dial } : {}),
        ...how,
      });
    const visits = this.#met(forward, { vantage, address, port });
    const first = await this.#throughFallback(forward, visits, probe);
    const rules = this.#prober.rulesAt(first.decision?.at ?? forward.listensOn);
    const family = isIpv6(address) ? 6 : 4;
    const to = [...new Set([port, forward.port])].map((each) => ({ port: each, family }) as const);
    const anyPort = await fromEveryPort(first, rules, to, ({ sourcePort, dialPorts }) => {
      if (dialPorts)
        return this.#turns.alone(chosenPorts, () =>
          this.#dialledFrom(dialPorts, forward, () => this.#throughFallback(forward, visits, probe)),
        );
      return this.#clientFrom(port, async () => {
        if (!isIpv6(address)) await this.#forgetClients(vantage, sourcePort, port);
        // From one port nobody connects twice within a minute.
        return this.#patiently(forward, (how) => this.#asFirst(forward, visits, (more) => probe({ ...how, ...more, sourcePort })));
      });
    });
    const result = await throughKnownNeighbours(anyPort, (at) =>
      this.#visited(visits, async () => {
        await this.#makeKnown(at, vantage, family);
        return probe({});
      }),
    );
    await this.#hearWhyClosed(forward, result);
    return this.#unsettled(result, seenFrom(result, forward, visits));
  }

  #visited<T>(visits: readonly VisitAt[], work: () => Promise<T>): Promise<T> {
    return visits.length > 0 ? this.#servers.visit(visits, work) : work();
  }

  /** The host asks for whoever is on the way to the vantage point as if it knew nobody, and so tells them its own link-layer address. */
  async #makeKnown(at: string, vantage: string, family: Family): Promise<void> {
    await this.#lab.fabric.request("flush_neighbours", { namespaces: [at] });
    const wires = at === vantage ? [] : (this.#lab.spec.hosts[vantage]?.interfaces ?? []);
    const [peer] = wires.flatMap(({ addresses }) => addresses.map(withoutPrefix)).filter((each) => isIpv6(each) === (family === 6));
    if (peer === undefined) return;
    const nothing = { identity: "", port: discardPort, deadlineMs: lookupMs };
    await this.#prober.raw({ vantage: at, address: peer, targetHost: vantage, ...nothing }, "lookup");
  }

  /** As if nobody had been there before; a client whose packets are dropped goes on trying where that may help. */
  async #asFirst(forward: Probeable, visits: readonly VisitAt[], probe: (how: How) => Promise<ProbeResult>): Promise<ProbeResult> {
    const stateful = visits.some((visit) => this.#servers.counts(visit));
    const { first, later } = await this.#visited(visits, async () => {
      const first = await probe({});
      return { first, later: await mayPassLater(first, stateful, probe) };
    });
    if (later) return throughRetransmission(first, (how) => this.#visited(visits, () => probe(how)));
    return stateful ? maybeLater(first, this.#servers.letsInLaterFor(seenFrom(first, forward, visits))) : first;
  }

  #throughFallback(forward: Probeable, visits: readonly VisitAt[], probe: (how: How) => Promise<ProbeResult>): Promise<ProbeResult> {
    const once = (how: How) => this.#asFirst(forward, visits, (more) => probe({ ...how, ...more }));
    return throughFallback(
      () => once({}),
      forward.dial,
      () => this.#patiently(forward, once),
    );
  }

  /** Waits for every address of the target's name, where it has several. */
  #patiently<T>(forward: Probeable, work: (how: How) => Promise<T>): Promise<T> {
    const { dial } = forward;
    if (!dial || !hasFallback(dial)) return work({});
    const giveUp = !this.#dialled(forward).some((visit) => this.#servers.counts(visit));
    return this.#settings.during(dial.at, soonGivenUp, () => work({ patient: true, giveUp, deadlineMs: fallbackMs(dial) }));
  }

  /** Runs work as a client with a chosen source port. Of clients that go to the same port, NATs let only one at a time keep its source port. */
  #clientFrom<T>(port: number, work: () => Promise<T>): Promise<T> {
    return this.#turns.shared(chosenPorts, () => this.#turns.alone(`${chosenPorts} to ${port}`, work));
  }

  /** Makes the NATs that clients from there pass forget the last one that used this pair of ports. IPv4 only. */
  async #forgetClients(vantage: string, sourcePort: number, port: number): Promise<void> {
    const nats = natsOf(this.#lab.spec, vantage);
    const forget = ["conntrack", "-D", "-p", "tcp", "--sport", String(sourcePort), "--dport", String(port)];
    await Promise.all(nats.map((router) => runTool(this.#lab.fabric, router, forget)));
  }

  /** Does something while the forward's target is dialled from these ports. */
  #dialledFrom<T>({ first, last }: PortRange, { dial, listensOn }: Probeable, work: () => Promise<T>): Promise<T> {
    return this.#settings.during(dial?.at ?? listensOn, { "net.ipv4.ip_local_port_range": `${first} ${last}` }, work);
  }

  /** One account of the listening host opens the Unix socket that a forward listens on. Throws when the host has no such account. */
  async unixSocket(forward: Probeable, as: string): Promise<ProbeResult> {
    const { listensOn: host, path, service, socks, dial } = forward;
    if (path === undefined) throw new Error("this forward listens on no path");
    const file = (await this.#lab.host(host).unixListeners()).find((each) => each.path === path);
    const result = await this.#throughFallback(forward, [], (how) =>
      this.#prober.probeUnixSocket({
        host,
        path,
        as,
        identity: service.identity,
        file: file?.file ? formatUnixListener(file) : "",
        ...(socks ? { socks } : {}),
        ...(dial ? { dial } : {}),
        ...how,
      }),
    );
    await this.#hearWhyClosed(forward, result);
    return this.#unsettled(result, this.#dialled(forward));
  }

  /** Which rules may give another try another answer. */
  #unsettled(result: ProbeResult, visits: readonly SeenVisit[]): ProbeResult {
    const rules = [...(result.unsettledBy ?? []), ...this.#servers.unsettledFor(visits)];
    const unsettledBy = distinctValues(rules);
    return unsettledBy.length > 0 ? { ...result, unsettledBy } : result;
  }

  /** What the rules of servers may see of a probe: nothing, when it passes between other hosts; of a SOCKS or a -L what sshd dials. */
  #met(forward: Probeable, { vantage, address, port }: { vantage: string; address: string; port: number }): VisitAt[] {
    const family = isIpv6(address) ? 6 : 4;
    // A rule may lead the connection on to the port that listens.
    const ports = [...new Set([port, forward.port])];
    const listening = this.#servers.all.flatMap(({ host }): VisitAt[] =>
      forward.listensOn === host || vantage === host
        ? ports.map((each) => ({ host, port: each, family, listener: forward.port }) as const)
        : [],
    );
    return [...listening, ...this.#dialled(forward)];
  }

  /** What they may see of the way to the forward's target. */
  #dialled({ dial, service }: Probeable): VisitAt[] {
    if (!dial) return [];
    return this.#servers.all.flatMap(({ host }) => (dial.at === host || service.host === host ? [{ host, port: dial.port }] : []));
  }

  async #hearWhyClosed({ open }: Probeable, { verdict }: ProbeResult): Promise<void> {
    if (verdict === "closed" && open) await awaitLog(open.logs, () => toldWhyClosed(open.outcome));
  }
}

/** The visits, with the address by which the host that listens has seen the visitor. */
function seenFrom({ cameFrom: source }: ProbeResult, { listensOn }: Probeable, visits: readonly VisitAt[]): SeenVisit[] {
  return visits.map((visit) => (visit.host === listensOn && visit.listener !== undefined && source ? { ...visit, source } : visit));
}

/** Is it known why a visitor was closed that the forward had accepted? Both logs are streams of their own, and may come later than what the probe saw. */
function toldWhyClosed({ failedDials }: ForwardOutcome): boolean {
  return failedDials.length > 0 && failedDials.every(({ error }) => error !== "unexplained");
}
