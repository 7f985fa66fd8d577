/** A lab with the user's sshd and firewall on its server: open forwards in it, and probe them. */

import { type Adaptation, adaptationsOf, adapted } from "../core/adaptation.ts";
import type { Cell } from "../core/cells.ts";
import { frontTable } from "../core/reason.ts";
import type { Check, NatFact } from "../core/self-check.ts";
import type { ProbeResult } from "../core/verdict.ts";
import type { Warning } from "../core/warning.ts";
import type { Engine, ImageRef } from "../engine/index.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { applyFirewall, type LoadedRules } from "../lab/apply-firewall.ts";
import { HeldSettings } from "../lab/held-settings.ts";
import type { Lab } from "../lab/lab.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { Prober } from "../probe/probe.ts";
import type { Service } from "../probe/services.ts";
import type { ServerAccount, SshServer } from "../ssh/server.ts";
import type { Asker } from "./asker.ts";
import { DialledTargets } from "./dialled-targets.ts";
import type { OnEvent, SessionEvent } from "./events.ts";
import { dialTo, listeningEnd } from "./forward-ends.ts";
import type { ForwardHandle, ForwardToOpen, Probeable } from "./forward-handle.ts";
import type { LabServers } from "./lab-servers.ts";
import { LabServices } from "./lab-services.ts";
import { serverHost } from "./login-route.ts";
import { ForwardOpener, type OpenBatch } from "./open-forwards.ts";
import { ForwardProber, type Way } from "./probe-forwards.ts";
import { type ForwardLabOptions, type SessionParts, startParts } from "./start-parts.ts";

export type { ForwardHandle, ForwardLabOptions };

export class ForwardLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly images: { host: string; ref: ImageRef }[];
  readonly servers: LabServers;
  readonly prober: Prober;
  readonly checks: readonly Check[];
  readonly nats: readonly NatFact[];
  readonly #started: AsyncDisposableStack;
  readonly #services: LabServices;
  readonly #opener: ForwardOpener;
  readonly #probes: ForwardProber;
  readonly #dialled: DialledTargets;
  readonly #tell: OnEvent;
  #untold = 0;
  readonly #versions = new Map<string, Promise<string>>();

  private constructor(parts: SessionParts, onEvent: OnEvent) {
    const tell: OnEvent = (event) => {
      if (this.#untold === 0) onEvent(event);
    };
    this.lab = parts.lab;
    this.engine = parts.engine;
    this.images = parts.images;
    this.servers = parts.servers;
    this.prober = parts.prober;
    this.checks = parts.checks;
    this.nats = parts.nats;
    this.#started = parts.started;
    this.#tell = tell;
    this.#services = new LabServices(this.lab, (host, port) => {
      const { sshd } = this.servers.find(host) ?? {};
      return sshd?.listening.some((each) => each.port === port) ? sshd : undefined;
    });
    const settings = new HeldSettings(this.lab.fabric);
    this.#opener = new ForwardOpener({ ...parts, services: this.#services, settings, tell, ended: () => this.#started.disposed });
    this.#probes = new ForwardProber(this.lab, this.prober, this.servers, settings);
    this.#dialled = new DialledTargets(this.lab.fabric, this.servers, settings);
  }

  static async start(options: ForwardLabOptions): Promise<ForwardLab> {
    return new ForwardLab(await startParts(options), options.onEvent ?? (() => undefined));
  }

  /** What the lab added or set that the user's files do not say. */
  get adaptations(): Adaptation[] {
    return [
      ...this.lab.adaptations,
      ...this.#opener.reserved.adaptations,
      ...this.#services.adaptations,
      ...this.#opener.socketFiles.adaptations,
      ...this.servers.all.flatMap(({ host, sshd }) => adaptationsOf(host, sshd.adaptations)),
      ...this.servers.all
        .filter(({ rules }) => rules.listing.nftables.some(({ table }) => table?.name === frontTable))
        .map(({ host }): Adaptation => ({ host, ...adapted("front-firewall", {}) })),
    ];
  }

  /** For a person: what sshd and the firewall's files say that no verdict shows. */
  get warnings(): Warning[] {
    return this.servers.all.flatMap(({ host, sshd, rules }) => {
      const all = [...sshd.warnings, ...rules.warnings];
      return host === serverHost ? all : all.map((each) => ({ ...each, server: host }));
    });
  }

  /** What a host's ssh calls itself. */
  sshVersion(host: string): Promise<string> {
    const version =
      this.#versions.get(host) ??
      this.lab
        .host(host)
        .run(["ssh", "-V"])
        .then(({ stderr }) => stderr.trim());
    this.#versions.set(host, version);
    return version;
  }

  /** sshd of the host `server`. */
  get server(): SshServer {
    return this.servers.main.sshd;
  }

  /** Rules that the kernel of the host `server` holds now. */
  get rules(): LoadedRules {
    return this.servers.main.rules;
  }

  /** Another config, firewall or set of accounts of a server in the same lab; left out, it stays. Forwards opened before are gone where sshd is restarted. */
  async configure(
    change: { sshdConfig?: SshdConfig; accounts?: readonly ServerAccount[]; firewall?: FirewallFiles | null },
    host: string = serverHost,
  ): Promise<void> {
    const server = this.servers.at(host);
    const { sshdConfig: config, accounts, firewall } = change;
    // A connection to a server that has not changed is as good as a new one, but where each login may end differently.
    if (!config && !accounts && firewall === undefined)
      return this.#hasUnsettledRules ? this.closeConnections() : this.#opener.closeTransientConnections();
    const restart = { ...(config ? { config } : {}), ...(accounts ? { accounts } : {}) };
    // Both ends of a connection may end at the same time.
    const both = await Promise.allSettled([this.closeConnections(), config || accounts ? server.sshd.restart(restart) : undefined]);
    for (const end of both) if (end.status === "rejected") throw end.reason;
    if (firewall !== undefined) {
      server.rules = await applyFirewall(this.lab, host, firewall ?? undefined);
      this.prober.useRules(host, server.rules);
    }
  }

  /** Ends the connections that forwards have shared; the next forward opens its own. */
  closeConnections(): Promise<void> {
    return this.#opener.closeConnections();
  }

  /** A service that lives as long as the lab; asked for twice, it is the same one. */
  service(host: string, port: number, address?: string): Promise<Service> {
    return this.#services.onPort(host, port, address);
  }

  /** The same on a Unix socket, open to every account of the host. */
  socketService(host: string, path: string): Promise<Service> {
    return this.#services.onPath(host, path);
  }

  /** Ends every service that was asked for; the next forward starts its own again. */
  endServices(): Promise<void> {
    return this.#services.endAll();
  }

  /** Removes the sockets' files that forwards have left; the next forward to such a path would be refused. Call it when those forwards are closed. */
  removeSocketFiles(): Promise<void> {
    return this.#opener.socketFiles.remove();
  }

  /** Opens a forward with a real ssh of its own on host `from`. */
  async open(forward: ForwardToOpen): Promise<ForwardHandle> {
    this.#requireKnown([forward]);
    return this.#opener.open(forward);
  }

  /** Opens forwards that do not conflict (see `planBatches`), those that can over few ssh connections, which stay for the next batch. */
  async openTogether(forwards: readonly ForwardToOpen[]): Promise<OpenBatch> {
    this.#requireKnown(forwards);
    return this.#opener.openTogether(forwards);
  }

  /** A connection to ask much with, by the login of such a forward. Throws as `open` does where the login fails. */
  askAs(forward: ForwardToOpen): Promise<Asker> {
    return this.#opener.askAs(forward);
  }

  /** Asks for a tunnel device, by the login of such a forward. */
  askTunnel(forward: ForwardToOpen): Promise<{ granted: boolean; said: string }> {
    return this.#opener.askTunnel(forward);
  }

  /** Ports of the server that nothing takes by chance. */
  reservePorts(ports: readonly number[]): Promise<void> {
    return this.#opener.reserved.add(serverHost, ports);
  }

  /** The result of work that makes the server dial a target: see `DialledTargets`. */
  dialled<T>(target: { host: string; port: number }, work: () => Promise<T>, failed: (result: T) => boolean): Promise<T> {
    return this.#dialled.dial(dialTo(this.lab.spec, serverHost, target), work, failed);
  }

  /** Tells whoever follows the run. */
  tell(event: SessionEvent): void {
    this.#tell(event);
  }

  /** Runs work without reporting events: the same forwards again, with changed files. */
  async withoutTelling<T>(work: () => Promise<T>): Promise<T> {
    this.#untold++;
    try {
      return await work();
    } finally {
      this.#untold--;
    }
  }

  /** One probe of a forward, at one address of the host that listens. */
  probe(forward: Probeable, vantage: string, address: string, way: Omit<Way, "vantage" | "address"> = {}): Promise<ProbeResult> {
    return this.#probes.port(forward, { vantage, address, ...way });
  }

  /** One account of the listening host opens the Unix socket that a forward listens on. Throws when the host has no such account. */
  probeUnixSocket(forward: Probeable, as: string): Promise<ProbeResult> {
    return this.#probes.unixSocket(forward, as);
  }

  /** Probes cells of open forwards, concurrently where none can change what another sees; results in the order of the cells. */
  probeCells(all: readonly { handle: Probeable; cell: Cell }[]): Promise<ProbeResult[]> {
    let done = 0;
    return this.#probes.cells(all, ({ cell }, { verdict }) => {
      done++;
      this.#tell({ type: "probed", forward: cell.forward, vantage: cell.vantage, target: cell.target, verdict, done, of: all.length });
    });
  }

  /** Some firewall depends on chance, the clock or a program. */
  get #hasUnsettledRules(): boolean {
    return Object.keys(this.lab.spec.hosts).some((host) => (this.prober.rulesAt(host)?.unsettledFor({}) ?? []).length > 0);
  }

  /** Who reaches a port of a server cannot be told where its firewall lets visitors in on an interface that the lab lacks. */
  #requireKnown(forwards: readonly ForwardToOpen[]): void {
    const ends = forwards.map(listeningEnd);
    for (const { host, rules } of this.servers.all)
      rules.requireKnown(ends.flatMap((end) => (end.host === host && typeof end.at === "number" ? [end.at] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync();
  }
}
