/** A lab with the user's sshd and firewall on its server: open forwards in it, and probe them. */

import type { Adaptation } from "../core/adaptation.ts";
import type { Cell } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { type ForwardOutcome, isSocks, listensOnServer } from "../core/forward-outcome.ts";
import { articleLab, type LabSpec } from "../core/lab-spec.ts";
import type { ProbeResult } from "../core/verdict.ts";
import type { Engine, ImageRef } from "../engine/index.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { applyFirewall, type LoadedRules } from "../lab/apply-firewall.ts";
import { portList } from "../lab/host-sysctls.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { writeSettings } from "../lab/tool.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { measureNats, type NatFact } from "../probe/nat-facts.ts";
import { type Dial, Prober } from "../probe/probe.ts";
import { type Check, selfCheck } from "../probe/self-check.ts";
import { type Service, startService, startSocketService } from "../probe/services.ts";
import { type OpenForward, openForward, waitForServerLog } from "../ssh/forward.ts";
import { formatUnixListener } from "../ssh/forward-listeners.ts";
import { makeRuntimeFolder } from "../ssh/runtime-folder.ts";
import { type ServerAccount, type SshServer, startSshServer } from "../ssh/server.ts";
import { targetHost } from "./forward-target.ts";
import { prepareImages, type ServerImage } from "./lab-images.ts";
import { connectionsOf, requireSshPath, serverHost, sshAddress } from "./login-route.ts";

export interface ForwardLabOptions {
  /** Default: the article's lab. */
  spec?: LabSpec;
  sshdConfig: SshdConfig;
  accounts: readonly ServerAccount[];
  /** Left out: no firewall. */
  firewall?: FirewallFiles;
  /** Debian suite of the server's OpenSSH, or an image. Default: the host image's. */
  server?: ServerImage;
  /** Makes it a lab to keep; see `Lab`. */
  name?: string;
  progress?: (message: string) => void;
  /** Ends the start, and the lab: whatever waits for it rejects. */
  signal?: AbortSignal;
}

/** A forward that was asked for, what became of it, and the service that it should lead to. */
export interface ForwardHandle extends AsyncDisposable {
  readonly open: OpenForward;
  readonly name: string;
  /** Host on which the listener stands. */
  readonly listensOn: string;
  /** 0: it listens on `path`. */
  readonly port: number;
  /** Set when the listener is a Unix socket. */
  readonly path?: string;
  readonly service: Service;
  /** Set for SOCKS forwards: what the proxy is asked for. */
  readonly socks: { host: string; port: number } | undefined;
  /** How ssh or sshd reaches the service; left out for one on a Unix socket. */
  readonly dial?: Dial;
}

/** Is it known why a visitor was closed that the forward had accepted? Both logs are streams of their own, and may come later than what the probe saw. */
function toldWhyClosed({ failedDials }: ForwardOutcome): boolean {
  return failedDials.length > 0 && failedDials.every(({ error }) => error !== "unexplained");
}
/** Port of the service that a SOCKS forward is asked for: TCP "echo" of the lab, on the loopback of the host where SOCKS comes out. */
const socksServicePort = 7;

export class ForwardLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly images: { host: string; ref: ImageRef }[];
  readonly server: SshServer;
  readonly prober: Prober;
  readonly checks: readonly Check[];
  readonly nats: readonly NatFact[];
  readonly #started: AsyncDisposableStack;
  readonly #services = new Map<string, Service>();
  #rules: LoadedRules;
  /** Paths that forwards listened on: neither ssh nor sshd removes the file. */
  readonly #socketFiles: { host: string; path: string }[] = [];
  /** Folders below /run/user that were made, and for which account. */
  readonly #runtimeFolders = new Map<string, string>();
  /** Ports of each host that no outgoing connection may take, besides those of the spec. */
  readonly #reserved = new Map<string, Set<number>>();

  private constructor(
    parts: Pick<ForwardLab, "lab" | "engine" | "images" | "server" | "prober" | "checks" | "nats">,
    rules: LoadedRules,
    started: AsyncDisposableStack,
  ) {
    this.lab = parts.lab;
    this.engine = parts.engine;
    this.images = parts.images;
    this.server = parts.server;
    this.prober = parts.prober;
    this.checks = parts.checks;
    this.nats = parts.nats;
    this.#rules = rules;
    this.#started = started;
  }

  /** Engine, images, lab, sshd, self-check, firewall: everything up to the first forward. */
  static async start(options: ForwardLabOptions): Promise<ForwardLab> {
    const { progress = () => undefined } = options;
    const { signal } = options;
    const { engine, spec, ...images } = await prepareImages(options.spec ?? articleLab(), options.server, {
      progress,
      ...(signal ? { signal } : {}),
    });

    await using started = new AsyncDisposableStack();
    const references = { fabric: images.fabric.reference, host: images.host.reference };
    const lab = started.use(await startLab(spec, { docker: engine.docker, images: references, progress, name: options.name }));
    signal?.throwIfAborted();
    // An interrupted lab ends at once: requests under way reject, and what was started is removed on the way out.
    signal?.addEventListener("abort", () => lab.fabric.close(), { once: true });
    progress("starting sshd, checking the lab");
    const prober = new Prober(lab);
    const [sshd, { checks, nats, rules }] = await Promise.all([
      startSshServer(lab.host(serverHost), { config: options.sshdConfig, accounts: options.accounts, connections: connectionsOf(spec) }),
      checkedLab(lab, prober, options.firewall),
    ]);
    return new ForwardLab({ lab, engine, images: images.used, server: sshd, prober, checks, nats }, rules, started.move());
  }

  /** What the lab added or set that the user's files do not say. */
  get adaptations(): Adaptation[] {
    return [
      ...this.lab.adaptations,
      ...[...this.#reserved].map(([at, ports]) => ({
        at,
        what: `net.ipv4.ip_local_reserved_ports = ${portList(ports)}`,
        why: "no outgoing connection may hold a forwarded port",
      })),
      ...[...this.#services.values()].flatMap(({ host: at, path }) =>
        path === undefined
          ? []
          : [{ at, what: `${path} is a service of the lab, open to every account`, why: "only that can prove who was reached" }],
      ),
      ...[...this.#runtimeFolders].map(([folder, account]) => ({
        at: serverHost,
        what: `${folder} made for ${account}`,
        why: "a login makes it where systemd runs",
      })),
      ...this.server.adaptations.map((what) => ({ at: serverHost, what })),
    ];
  }

  /** For a person: what sshd and the firewall's files say that no verdict shows. */
  get warnings(): string[] {
    return [...this.server.warnings, ...this.#rules.warnings];
  }

  /** Rules that the server's kernel holds now. */
  get rules(): LoadedRules {
    return this.#rules;
  }

  /** Another config, firewall or set of accounts in the same lab. Forwards opened before are gone: sshd is restarted. */
  async configure(change: {
    sshdConfig?: SshdConfig;
    accounts?: readonly ServerAccount[];
    firewall?: FirewallFiles | null;
  }): Promise<void> {
    if (change.sshdConfig || change.accounts) {
      await this.server.restart({
        ...(change.sshdConfig ? { config: change.sshdConfig } : {}),
        ...(change.accounts ? { accounts: change.accounts } : {}),
      });
    }
    if (change.firewall !== undefined) {
      this.#rules = await applyFirewall(this.lab, serverHost, change.firewall ?? undefined);
      this.prober.useRules(serverHost, this.#rules);
    }
  }

  /** A service that lives as long as the lab; asked for twice, it is the same one. */
  async service(host: string, port: number, address?: string): Promise<Service> {
    const key = `${host} ${address ?? "*"} ${port}`;
    const known = this.#services.get(key) ?? this.#services.get(`${host} * ${port}`);
    if (known) return known;
    const service = await startService(this.lab, host, port, address);
    this.#services.set(key, service);
    return service;
  }

  /** The same on a Unix socket, open to every account of the host. */
  async socketService(host: string, path: string): Promise<Service> {
    const key = `${host} ${path}`;
    const service = this.#services.get(key) ?? (await startSocketService(this.lab, host, path));
    this.#services.set(key, service);
    return service;
  }

  /** Removes the sockets' files that forwards have left; the next forward to such a path would be refused. Call it when those forwards are closed. */
  async removeSocketFiles(): Promise<void> {
    await Promise.all(this.#socketFiles.splice(0).map(({ host, path }) => this.lab.host(host).remove([path])));
  }

  /** Ends every service that was asked for; the next forward starts its own again. */
  async endServices(): Promise<void> {
    const services = [...this.#services.values()];
    this.#services.clear();
    await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
  }

  /**
   * Opens a forward with the real ssh of host `from`.
   * @param onlyGivenServices a target (on the client, or anywhere) gets no service of the lab's: what was started before is all that runs there
   */
  async open(request: {
    name: string;
    from: string;
    account: string;
    ssh: ForwardArguments;
    keyIndex?: number;
    onlyGivenServices?: "at-client" | "anywhere";
  }): Promise<ForwardHandle> {
    const { name, from, account, ssh, keyIndex } = request;
    const { kind, target, targetPath, listenPath } = ssh.request;
    const remote = listensOnServer(kind);
    const dialler = remote ? from : serverHost;
    const socks = isSocks(kind) ? { host: "localhost", port: socksServicePort } : undefined;
    const host = targetHost(this.lab.spec, dialler, target?.host ?? "localhost");
    if (host === undefined) {
      throw new UserError("forward-target", `forward ${name} leads to ${target?.host}, which the lab does not have`, {
        found: ssh.text,
        expected: `localhost, or a host of the lab: ${Object.keys(this.lab.spec.hosts).join(", ")}`,
        todo: "add the host under network.vantages of the policy, or point the forward at one that is there",
      });
    }
    const service = await this.#targetService(
      host,
      targetPath ?? target?.port ?? socksServicePort,
      socks === undefined && (request.onlyGivenServices === "anywhere" || (request.onlyGivenServices === "at-client" && host === from)),
    ).catch((error: unknown) => {
      if (!(error instanceof UserError && error.code === "service-port")) throw error;
      throw new UserError(
        "service-port",
        `forward ${name} leads to ${targetPath ?? "a port"} of ${host}, ${targetPath === undefined ? "that something else listens on" : "where something else is"}`,
        {
          found: error.message,
          expected: `a ${targetPath === undefined ? "port" : "path"} that is free for a service of the lab: only that can prove that the forward leads there`,
          todo: `point the forward at another ${targetPath === undefined ? "port" : "path"}; what it exposes does not depend on which`,
          cause: error,
        },
      );
    });
    const listensOn = remote ? serverHost : from;
    if (listenPath === undefined) await this.#reserve(listensOn, ssh.listenPort);
    else if (remote) await this.#runtimeFolder(account, listenPath);
    const targetAddress = sshAddress(this.lab, this.server, from, ssh.addressFamily);
    const open = await openForward(this.lab.host(from), this.server, {
      name,
      account,
      ssh,
      targetAddress,
      findObstacle: () => requireSshPath(this.prober, from, targetAddress, ssh.serverPort ?? this.server.port),
      ...(keyIndex === undefined ? {} : { keyIndex }),
    });
    if (listenPath !== undefined && open.outcome.granted) this.#socketFiles.push({ host: listensOn, path: listenPath });
    return {
      open,
      name,
      listensOn,
      port: listenPath === undefined ? open.port || ssh.listenPort : 0,
      ...(listenPath === undefined ? {} : { path: listenPath }),
      service,
      socks,
      ...(targetPath === undefined ? { dial: { at: dialler, port: target?.port ?? socksServicePort } } : {}),
      // What the lab's end has taken along needs no closing.
      [Symbol.asyncDispose]: async () => (this.#started.disposed ? undefined : open[Symbol.asyncDispose]()),
    };
  }

  /** One probe of a forward, at one address of the host that listens. */
  async probe(
    forward: Pick<ForwardHandle, "listensOn" | "port" | "service" | "socks"> & Partial<Pick<ForwardHandle, "open" | "dial">>,
    vantage: string,
    address: string,
    { nat, via, as }: Pick<Cell, "nat" | "via" | "as"> = {},
  ): Promise<ProbeResult> {
    const result = await this.prober.probe({
      vantage,
      address,
      port: forward.port,
      targetHost: nat ?? forward.listensOn,
      listener: { host: forward.listensOn, port: forward.port },
      identity: forward.service.identity,
      ...(via === undefined ? {} : { via }),
      ...(as === undefined ? {} : { as }),
      ...(forward.dial ? { dial: forward.dial } : {}),
      ...(forward.socks ? { socks: forward.socks } : {}),
    });
    const { open } = forward;
    if (result.verdict === "closed" && open) await waitForServerLog(() => toldWhyClosed(open.outcome));
    return result;
  }

  /** One account of the listening host opens the Unix socket that a forward listens on. Throws when the host has no such account. */
  async probeUnixSocket(
    forward: Pick<ForwardHandle, "listensOn" | "path" | "service" | "socks"> & Partial<Pick<ForwardHandle, "open" | "dial">>,
    as: string,
  ): Promise<ProbeResult> {
    const { listensOn: host, path, service, socks, open, dial } = forward;
    if (path === undefined) throw new Error("this forward listens on no path");
    const file = (await this.lab.host(host).unixListeners()).find((each) => each.path === path);
    const result = await this.prober.probeUnixSocket({
      host,
      path,
      as,
      identity: service.identity,
      file: file?.file ? formatUnixListener(file) : "",
      ...(socks ? { socks } : {}),
      ...(dial ? { dial } : {}),
    });
    if (result.verdict === "closed" && open) await waitForServerLog(() => toldWhyClosed(open.outcome));
    return result;
  }

  async #runtimeFolder(account: string, path: string): Promise<void> {
    const made = await makeRuntimeFolder(this.lab.host(serverHost), account, path);
    if (made !== undefined) this.#runtimeFolders.set(made, account);
  }

  /** As a spec's `reservedPorts`, for a port that was not known when the lab was built. */
  async #reserve(host: string, port: number): Promise<void> {
    const given = this.lab.spec.hosts[host]?.reservedPorts ?? [];
    const reserved = this.#reserved.get(host) ?? new Set(given);
    if (port === 0 || reserved.has(port)) return;
    this.#reserved.set(host, reserved.add(port));
    const settings = { "net.ipv4.ip_local_reserved_ports": portList(reserved) };
    await writeSettings(this.lab.fabric, host, settings);
  }

  /** A target without a service of its own is a service that nobody runs: its identity never answers. */
  async #targetService(host: string, at: number | string, onlyGiven: boolean): Promise<Service> {
    const given = [...this.#services.values()].find((service) => service.host === host && (service.path ?? service.port) === at);
    if (given) return given;
    const where = typeof at === "number" ? { port: at } : { port: 0, path: at };
    if (onlyGiven) return { host, ...where, identity: "nobody", [Symbol.asyncDispose]: async () => undefined };
    return typeof at === "number" ? this.service(host, at) : this.socketService(host, at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync();
  }
}

/** The lab is looked at as it is, before the user's firewall stands in the way. */
async function checkedLab(lab: Lab, prober: Prober, firewall: FirewallFiles | undefined) {
  const [checks, nats] = await Promise.all([selfCheck(lab, prober, serverHost), measureNats(lab, prober)]);
  const rules = await applyFirewall(lab, serverHost, firewall);
  prober.useRules(serverHost, rules);
  return { checks, nats, rules };
}
