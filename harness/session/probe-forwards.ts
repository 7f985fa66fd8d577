/** Probes open forwards: each cell as if nobody had been there before. */
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { PortRange } from "../core/port-range.ts";
import type { ProbeResult } from "../core/verdict.ts";
import type { Lab } from "../lab/lab.ts";
import { runTool, writeSettings } from "../lab/tool.ts";
import { isIpv6 } from "../lab/wiring.ts";
import type { Prober } from "../probe/probe.ts";
import { fromEveryPort } from "../probe/source-port.ts";
import { Turns } from "../probe/turns.ts";
import { awaitLog } from "../ssh/await-log.ts";
import { formatUnixListener } from "../ssh/forward-listeners.ts";
import { atMost } from "./at-most.ts";
import type { Probeable } from "./forward-handle.ts";
import type { LabServers, VisitAt } from "./lab-servers.ts";

/** Probes under way at a time: more gain nothing, as one agent makes them all. */
const mostAtOnce = 64;

/** How a cell is dialled. */
export type Way = Pick<Cell, "vantage" | "address"> & Partial<Pick<Cell, "nat" | "port" | "via" | "as">>;

export class ForwardProber {
  readonly #lab: Lab;
  readonly #prober: Prober;
  readonly #servers: LabServers;
  readonly #turns = new Turns();

  constructor(lab: Lab, prober: Prober, servers: LabServers) {
    this.#lab = lab;
    this.#prober = prober;
    this.#servers = servers;
  }

  /** One cell of an open forward. */
  cell(forward: Probeable, cell: Cell): Promise<ProbeResult> {
    const meant = cell.socks ? towards(forward, cell.socks) : forward;
    return cell.scope === "socket" && cell.as !== undefined ? this.unixSocket(meant, cell.as) : this.port(meant, cell);
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
    const probe = (sourcePort?: number) =>
      this.#prober.probe({
        vantage,
        address,
        port,
        ...(sourcePort === undefined ? {} : { sourcePort }),
        targetHost: nat ?? forward.listensOn,
        listener: { host: forward.listensOn, port: forward.port },
        identity: forward.service.identity,
        ...(forward.socks ? { socks: forward.socks } : {}),
        ...(via === undefined ? {} : { via }),
        ...(as === undefined ? {} : { as }),
        ...(forward.dial ? { dial: forward.dial } : {}),
      });
    const visits = this.#met(forward, { vantage, address, port });
    const asFirst = (sourcePort?: number) => (visits.length > 0 ? this.#servers.visit(visits, () => probe(sourcePort)) : probe(sourcePort));
    const first = await asFirst();
    const rules = first.decision && this.#prober.rulesAt(first.decision.at);
    const result = await fromEveryPort(first, rules, ({ sourcePort, dialPorts }) =>
      this.#turns.alone("source port", async () => {
        if (dialPorts) return this.#dialledFrom(dialPorts, forward.dial?.at ?? forward.listensOn, asFirst);
        if (!isIpv6(address)) await this.#forgetClients(sourcePort, port);
        return asFirst(sourcePort);
      }),
    );
    await this.#hearWhyClosed(forward, result);
    return this.#unsettled(result, visits);
  }

  /** NATs let only one client at a time keep its port, so they forget the last one on this port. Over IPv4 only. */
  async #forgetClients(sourcePort: number, port: number): Promise<void> {
    const nats = Object.entries(this.#lab.spec.routers).flatMap(([name, { nat }]) => (nat === "masquerade" ? [name] : []));
    const forget = ["conntrack", "-D", "-p", "tcp", "--sport", String(sourcePort), "--dport", String(port)];
    await Promise.all(nats.map((router) => runTool(this.#lab.fabric, router, forget)));
  }

  /** Does something while the host's connections come from these ports. */
  async #dialledFrom<T>({ first, last }: PortRange, host: string, work: () => Promise<T>): Promise<T> {
    const { fabric } = this.#lab;
    const key = "net.ipv4.ip_local_port_range";
    const { [key]: before } = await fabric.request("settings", { namespace: host, keys: [key] });
    if (typeof before !== "string") throw new Error(`${host} has no ${key}`);
    await writeSettings(fabric, host, { [key]: `${first} ${last}` });
    try {
      return await work();
    } finally {
      await writeSettings(fabric, host, { [key]: before });
    }
  }

  /** One account of the listening host opens the Unix socket that a forward listens on. Throws when the host has no such account. */
  async unixSocket(forward: Probeable, as: string): Promise<ProbeResult> {
    const { listensOn: host, path, service, socks, dial } = forward;
    if (path === undefined) throw new Error("this forward listens on no path");
    const file = (await this.#lab.host(host).unixListeners()).find((each) => each.path === path);
    const result = await this.#prober.probeUnixSocket({
      host,
      path,
      as,
      identity: service.identity,
      file: file?.file ? formatUnixListener(file) : "",
      ...(socks ? { socks } : {}),
      ...(dial ? { dial } : {}),
    });
    await this.#hearWhyClosed(forward, result);
    return this.#unsettled(result, this.#dialled(forward));
  }

  /** Which rules may give another try another answer. */
  #unsettled(result: ProbeResult, visits: readonly VisitAt[]): ProbeResult {
    const rules = [...(result.unsettledBy ?? []), ...this.#servers.unsettledFor(visits)];
    const unsettledBy = [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
    return unsettledBy.length > 0 ? { ...result, unsettledBy } : result;
  }

  /** What the rules of servers may see of a probe: nothing, when it passes between other hosts; of a SOCKS or a -L what sshd dials. */
  #met(forward: Probeable, { vantage, address, port }: { vantage: string; address: string; port: number }): VisitAt[] {
    const family = isIpv6(address) ? 6 : 4;
    // A rule may lead the connection on to the port that listens.
    const ports = [...new Set([port, forward.port])];
    const listening = this.#servers.all.flatMap(({ host }): VisitAt[] =>
      forward.listensOn === host || vantage === host ? ports.map((each) => ({ host, port: each, family }) as const) : [],
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

/** The forward as one that leads to this target alone. A target that the lab does not have has no service. */
function towards(forward: Probeable, { host, port }: { host: string; port: number }): Probeable {
  const found = forward.proxied?.find(({ target }) => target.host === host && target.port === port);
  const service = found?.service ?? { ...forward.service, identity: "nobody" };
  return { ...forward, service, socks: { host, port }, ...(forward.dial ? { dial: { ...forward.dial, port } } : {}) };
}

/** Is it known why a visitor was closed that the forward had accepted? Both logs are streams of their own, and may come later than what the probe saw. */
function toldWhyClosed({ failedDials }: ForwardOutcome): boolean {
  return failedDials.length > 0 && failedDials.every(({ error }) => error !== "unexplained");
}
