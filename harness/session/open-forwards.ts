/** Opens forwards in a lab: each with an ssh of its own, or many over few connections. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { isSocks, listensOnServer, type SocksTarget, serverOf } from "../core/forward-outcome.ts";
import type { HeldSettings } from "../lab/held-settings.ts";
import type { Lab } from "../lab/lab.ts";
import { sharedRequest } from "../openssh/shared-connection.ts";
import { soonGivenUp } from "../probe/dial-fallback.ts";
import type { Dial, Prober } from "../probe/probe.ts";
import type { Service } from "../probe/services.ts";
import { askTunnel } from "../ssh/ask-tunnel.ts";
import { chooseKey } from "../ssh/choose-key.ts";
import { type OpenForward, openForward } from "../ssh/forward.ts";
import type { JumpServer } from "../ssh/jump-login.ts";
import type { LoginOptions } from "../ssh/log-in.ts";
import { SharedConnection, type SharedForwards } from "../ssh/shared-connection.ts";
import { type Asker, SharedAsker } from "./asker.ts";
import { Connections } from "./connections.ts";
import type { OnEvent } from "./events.ts";
import { dialOf, type End, listeningEnd, socksServicePort, targetEnd } from "./forward-ends.ts";
import type { ForwardHandle, ForwardToOpen, ProxiedTarget } from "./forward-handle.ts";
import type { LabServer, LabServers } from "./lab-servers.ts";
import { type LabServices, nobodyAt } from "./lab-services.ts";
import { requireSshPath } from "./login-route.ts";
import { loginWay } from "./login-way.ts";
import { endingLostDials } from "./lost-dials.ts";
import { prepareTargets } from "./proxied-targets.ts";
import { ReservedPorts } from "./reserved-ports.ts";
import { SocketFiles } from "./socket-files.ts";

/** How long sshd may take to send its version line where no ssh waits for it. */
const firstWordMs = 20_000;

/** Forwards that stand together. Disposing closes them; the connections stay for the next batch. */
export interface OpenBatch extends AsyncDisposable {
  readonly forwards: readonly ForwardHandle[];
}

export class ForwardOpener {
  readonly reserved: ReservedPorts;
  readonly socketFiles: SocketFiles;
  readonly #lab: Lab;
  readonly #servers: LabServers;
  readonly #prober: Prober;
  readonly #services: LabServices;
  readonly #settings: HeldSettings;
  readonly #connections: Connections;
  readonly #tell: OnEvent;
  readonly #ended: () => boolean;

  /** `ended`: what was opened has gone with the lab, and needs no closing. */
  constructor(parts: {
    lab: Lab;
    servers: LabServers;
    prober: Prober;
    services: LabServices;
    settings: HeldSettings;
    tell: OnEvent;
    ended: () => boolean;
  }) {
    this.#lab = parts.lab;
    this.#servers = parts.servers;
    this.#prober = parts.prober;
    this.#services = parts.services;
    this.#settings = parts.settings;
    this.#tell = parts.tell;
    this.#ended = parts.ended;
    this.reserved = new ReservedPorts(parts.lab);
    this.socketFiles = new SocketFiles(parts.lab);
    this.#connections = new Connections((forward, words) =>
      this.#logIn(forward, (login) => SharedConnection.open(this.#lab.host(forward.from), this.#serverOf(forward).sshd, words, login)),
    );
  }

  /** One forward, with an ssh of its own that runs exactly what was typed. */
  async open(forward: ForwardToOpen): Promise<ForwardHandle> {
    const [service] = await Promise.all([this.#prepare(forward), this.#reserve([forward])]);
    return this.#openAlone(forward, service);
  }

  /** Forwards of one batch of `planBatches`, in their order. Services that stand where one of them is going to listen make way. */
  async openTogether(forwards: readonly ForwardToOpen[]): Promise<OpenBatch> {
    this.#tell({ type: "opening", forwards: forwards.map(({ name }) => name) });
    for (const forward of forwards) {
      const { host, at } = listeningEnd(forward);
      await this.#services.makeWay(host, at);
    }
    await this.#reserve(forwards);
    const prepared = new Map<ForwardToOpen, Service>();
    for (const forward of forwards) prepared.set(forward, await this.#prepare(forward));
    await using opening = new AsyncDisposableStack();
    const handles = new Map<ForwardToOpen, ForwardHandle>();
    const add = async (forward: ForwardToOpen, open: OpenForward) => {
      handles.set(forward, await this.#handle(forward, prepared.get(forward) as Service, open));
      const { granted, listeners } = open.answer;
      this.#tell({ type: "opened", forward: forward.name, granted, listeners });
    };
    const shared = forwards.filter(({ together, ssh }) => together === undefined && sharedRequest(ssh) !== undefined);
    const openOwn = async (forward: ForwardToOpen) => {
      const open = opening.use(await this.#openAlone(forward, prepared.get(forward) as Service));
      await add(forward, open.open);
    };
    // Those with an ssh of their own first: what sshd logs of them is then no part of what the shared connections log.
    for (const forward of forwards) if (!shared.includes(forward)) await openOwn(forward);
    /** Refused, and only the log of an ssh of their own tells why. */
    const unexplained: ForwardToOpen[] = [];
    // One connection after the other: sshd's log does not say which of two logins a line is about.
    for (const group of this.#connections.group(shared)) {
      const opened = opening.use(await this.#connections.request(group));
      for (const [index, forward] of group.entries()) {
        const open = opened.forwards[index] as SharedForwards["forwards"][number];
        if (open.answer.granted || (await open.explained())) await add(forward, open);
        else unexplained.push(forward);
      }
    }
    for (const forward of unexplained) await openOwn(forward);
    for (const { forward, endedWith } of endedTogether(forwards, handles)) {
      const handle = handles.get(forward) as ForwardHandle;
      await handle[Symbol.asyncDispose]();
      if (endedWith) handles.set(forward, { ...handle, endedWith });
    }
    opening.defer(() => this.#tell({ type: "closed", forwards: forwards.map(({ name }) => name) }));
    const held = opening.move();
    return {
      forwards: forwards.map((forward) => handles.get(forward) as ForwardHandle),
      [Symbol.asyncDispose]: async () => (this.#ended() ? undefined : held.disposeAsync()),
    };
  }

  /** A connection to ask much with, by the login of such a forward. Throws as `openTogether` does where the login fails, and before it `ssh-filtered`. */
  askAs(forward: ForwardToOpen): Promise<Asker> {
    const { sshd } = this.#serverOf(forward);
    const certified = chooseKey(sshd, forward).certificate !== undefined;
    return this.#logIn(forward, async (login) => {
      await login.findObstacle?.(firstWordMs);
      const client = this.#lab.host(forward.from);
      // Only a review asks so, and ssh2 takes its time to load.
      const { AskConnection } = await import("../ssh/ask-connection.ts");
      if (!certified) return AskConnection.open(client, sshd, login);
      // The library knows no certificates: the real ssh asks, over its control socket.
      const words = sharedRequest(forward.ssh)?.options ?? [];
      return new SharedAsker(await SharedConnection.open(client, sshd, words, login));
    });
  }

  /** Asks for a tunnel device, by the login of such a forward. Throws as `openTogether` does where the login fails. */
  askTunnel(forward: ForwardToOpen): Promise<{ granted: boolean; said: string }> {
    return this.#logIn(forward, (login) => askTunnel(this.#lab.host(forward.from), this.#serverOf(forward).sshd, login));
  }

  /** Ends the connections that forwards have shared. */
  closeConnections(): Promise<void> {
    return this.#connections.close();
  }

  /** Those of them that a fresh lab might not have: see `Connections.closeTransient`. */
  closeTransientConnections(): Promise<void> {
    return this.#connections.closeTransient();
  }

  async #openAlone(forward: ForwardToOpen, service: Service): Promise<ForwardHandle> {
    const { name, from, ssh } = forward;
    const { sshd } = this.#serverOf(forward);
    const open = await this.#logIn(forward, (login) => openForward(this.#lab.host(from), sshd, { name, ssh, ...login }));
    return this.#handle(forward, service, open);
  }

  /**
   * A login that finds the server's rules as nobody has met them yet. Where that matters, the way is looked at first: later, setting the rules back
   * would cut off an ssh that is just connecting.
   */
  #logIn<T>(forward: ForwardToOpen, work: (login: LoginOptions) => Promise<T>): Promise<T> {
    const { account, keyIndex, certificate } = forward;
    const { first, route, jump, visits } = loginWay({ lab: this.#lab, servers: this.#servers, prober: this.#prober }, forward);
    const login = {
      account,
      targetAddress: route.address,
      targetPort: route.port,
      local: route.local,
      ...(jump ? { jump: { servers: jump, destination: forward.ssh.jump?.destination ?? route.address } } : {}),
      ...(keyIndex === undefined ? {} : { keyIndex }),
      ...(certificate === undefined ? {} : { certificate }),
    };
    const fresh = visits.some((visit) => this.#servers.counts(visit));
    // A rule that lets ssh in by another interface is why, unless the question is who may log in at all.
    const explain = () => this.#servers.at(first.host).rules.requireKnown([first.local.port]);
    const findObstacle = (patienceMs?: number) =>
      requireSshPath(this.#prober, { from: forward.from, ...first, fresh, ...(patienceMs === undefined ? { explain } : { patienceMs }) });
    return this.#servers.visit(visits, async (before) => {
      const lab = { fabric: this.#lab.fabric, settings: this.#settings };
      if (!fresh)
        return pastSilentAddresses(
          jump,
          (dial, inner) => endingLostDials(lab, dial, inner),
          () => work({ ...login, findObstacle }),
        );
      await before(async () => {
        await findObstacle();
        for (const hop of jump ?? []) await hop.findObstacle?.();
      });
      const unlookedLogin = { ...login, ...(login.jump ? { jump: { ...login.jump, servers: login.jump.servers.map(unlooked) } } : {}) };
      // Rules with state may drop a packet and let the next one pass: only the kernel's timers tell.
      return pastSilentAddresses(
        jump,
        ({ at }, inner) => this.#settings.during(at, soonGivenUp, inner),
        () => work(unlookedLogin),
      );
    });
  }

  #serverOf(forward: ForwardToOpen): LabServer {
    return this.#servers.at(serverOf(forward));
  }

  /** Nothing else of a host takes the ports on which they are going to listen. */
  async #reserve(forwards: readonly ForwardToOpen[]): Promise<void> {
    for (const [host, ends] of Map.groupBy(forwards.map(listeningEnd), (end) => end.host)) {
      await this.reserved.add(
        host,
        ends.flatMap(({ at }) => (typeof at === "number" ? [at] : [])),
      );
    }
  }

  /** What must be there before ssh runs: the service at the target, a folder where it is going to listen on a path. */
  async #prepare(forward: ForwardToOpen): Promise<Service> {
    const service = await this.#targetService(forward);
    const { host, at } = listeningEnd(forward);
    if (typeof at === "string" && listensOnServer(forward.ssh.request.kind))
      await this.socketFiles.prepareFolder(host, forward.account, at);
    return service;
  }

  async #handle(forward: ForwardToOpen, service: Service, open: OpenForward): Promise<ForwardHandle> {
    const { name, ssh } = forward;
    const { kind, listenPath } = ssh.request;
    const { host: listensOn } = listeningEnd(forward);
    const dial = dialOf(this.#lab.spec, forward);
    const prepare = (targets: readonly SocksTarget[]) => prepareTargets(this.#lab.spec, this.#services, forward, targets);
    const proxied = await prepare(open.answer.socksTargets ?? []);
    if (listenPath !== undefined && open.answer.granted) this.socketFiles.expect(listensOn, listenPath);
    return {
      open,
      name,
      listensOn,
      port: listenPath === undefined ? open.port || ssh.listenPort : 0,
      ...(listenPath === undefined ? {} : { path: listenPath }),
      service,
      socks: isSocks(kind) ? { host: "localhost", port: socksServicePort } : undefined,
      proxied,
      ...(isSocks(kind)
        ? { prepareTarget: async (target) => (await prepare([open.judgeTarget?.(target) ?? target]))[0] as ProxiedTarget }
        : {}),
      ...(dial ? { dial } : {}),
      [Symbol.asyncDispose]: async () => (this.#ended() ? undefined : open[Symbol.asyncDispose]()),
    };
  }

  /** A target without a service of its own is a service that nobody runs: its identity never answers. */
  async #targetService(forward: ForwardToOpen): Promise<Service> {
    const end = targetEnd(this.#lab.spec, forward);
    const found = this.#services.find(end.host, end.at);
    if (found) return found;
    const { onlyGivenServices: only } = forward;
    if (!isSocks(forward.ssh.request.kind) && (only === "anywhere" || (only === "at-client" && end.host === forward.from)))
      return nobodyAt(end);
    return this.#services.onDemand(end.host, end.at).catch((error: unknown) => {
      throw error instanceof UserError && error.code === "service-port" ? targetTaken(forward.name, end, error) : error;
    });
  }
}

interface EndedForward {
  forward: ForwardToOpen;
  /** Left out: it is the one that was refused. */
  endedWith?: ForwardHandle["endedWith"];
}

/** Forwards of one ssh that ends as a whole: ExitOnForwardFailure, and one of them was refused. */
function endedTogether(forwards: readonly ForwardToOpen[], handles: ReadonlyMap<ForwardToOpen, ForwardHandle>): EndedForward[] {
  const ofOne = forwards.filter(({ together }) => together?.oneSsh);
  const isRefused = (forward: ForwardToOpen) => handles.get(forward)?.open.answer.granted === false;
  const refused = ofOne.find((forward) => forward.ssh.exitOnForwardFailure && isRefused(forward));
  if (!refused) return [];
  const { refusedBy } = handles.get(refused)?.open.outcome ?? {};
  const endedWith = { name: refused.name, ...(refusedBy ? { refusedBy } : {}) };
  return ofOne.map((forward) => (isRefused(forward) ? { forward } : { forward, endedWith }));
}

/** The way was looked at before: later, that would count as a visit. */
function unlooked({ findObstacle: _, ...hop }: JumpServer): JumpServer {
  return hop;
}

function targetTaken(name: string, { host, at }: End, cause: UserError): UserError {
  const [what, leads, taken] =
    typeof at === "number" ? ["port", "a port", "that something else listens on"] : ["path", at, "where something else is"];
  return new UserError("service-port", `forward ${name} leads to ${leads} of ${host}, ${taken}`, {
    fault: faultOf("target-taken", { forward: name, host, ...(typeof at === "number" ? { port: at } : { path: at }) }),
    found: cause.message,
    expected: `a free ${what}, so that the lab can run a service there to prove where the forward leads`,
    todo: `point the forward at another ${what}; this does not change who can reach it`,
    cause,
  });
}

/**
 * Jump hosts dial every address of a name, as sshd does for a forward's target; ssh gives up before a kernel gives up one that does not answer.
 * @param soon runs work in which a dial that gets no answer ends soon
 */
function pastSilentAddresses<T>(
  jump: readonly JumpServer[] | undefined,
  soon: (dial: Dial, inner: () => Promise<T>) => Promise<T>,
  work: () => Promise<T>,
): Promise<T> {
  const dials = (jump ?? []).map(({ sshd, target }): Dial => ({ at: sshd.host.name, port: target.port }));
  return dials.reduceRight((inner, dial) => () => soon(dial, inner), work)();
}
