/** The services that a session's forwards lead to, each started once. */
import { type Adaptation, adapted } from "../core/adaptation.ts";
import type { Lab } from "../lab/lab.ts";
import { type Service, startService, startSocketService } from "../probe/services.ts";

interface Running {
  service: Service;
  /** Started for a forward's target alone: nobody else counts on it. */
  onDemand: boolean;
}

/** Which sshd under test listens at a host's port, on any of its addresses. */
export type FindSshd = (host: string, port: number) => { identity: string } | undefined;

export class LabServices {
  readonly #lab: Lab;
  readonly #findSshd: FindSshd;
  readonly #running = new Map<string, Running>();

  constructor(lab: Lab, findSshd: FindSshd) {
    this.#lab = lab;
    this.#findSshd = findSshd;
  }

  /** On a port of the host; asked for twice, it is the same service. @throws UserError `service-port` */
  async onPort(host: string, port: number, address?: string): Promise<Service> {
    const known = this.#running.get(keyOf(host, port, address)) ?? this.#running.get(keyOf(host, port));
    return known ? asked(known) : this.#keep(keyOf(host, port, address), await startService(this.#lab, host, port, address), false);
  }

  /** On a Unix socket, open to every account of the host. @throws UserError `service-port` */
  async onPath(host: string, path: string): Promise<Service> {
    const known = this.#running.get(keyOf(host, path));
    return known ? asked(known) : this.#keep(keyOf(host, path), await startSocketService(this.#lab, host, path), false);
  }

  /** Whatever service runs at a port or path of the host, on any of its addresses: one of the lab's, or sshd. */
  find(host: string, at: number | string): Service | undefined {
    const running = [...this.#running.values()].find(({ service }) => service.host === host && (service.path ?? service.port) === at);
    const sshd = typeof at === "number" && !running ? this.#findSshd(host, at) : undefined;
    if (sshd) return { host, port: Number(at), identity: sshd.identity, isSshd: true, [Symbol.asyncDispose]: async () => undefined };
    return running?.service;
  }

  /** For a forward's target: `find`, else one that is started now and may have to make way for a forward's listener later. */
  async onDemand(host: string, at: number | string): Promise<Service> {
    const found = this.find(host, at);
    if (found) return found;
    const started = typeof at === "number" ? await startService(this.#lab, host, at) : await startSocketService(this.#lab, host, at);
    return this.#keep(keyOf(host, at), started, true);
  }

  /** Ends the on-demand service that holds this port or path: a forward is going to listen there. */
  async makeWay(host: string, at: number | string): Promise<void> {
    const key = keyOf(host, at);
    const holder = this.#running.get(key);
    if (!holder?.onDemand) return;
    this.#running.delete(key);
    await holder.service[Symbol.asyncDispose]();
  }

  async endAll(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(all.map(({ service }) => service[Symbol.asyncDispose]()));
  }

  get adaptations(): Adaptation[] {
    return [...this.#running.values()].flatMap(({ service: { host, path } }) =>
      path === undefined ? [] : [{ host, ...adapted("lab-socket", { path }) }],
    );
  }

  #keep(key: string, service: Service, onDemand: boolean): Service {
    this.#running.set(key, { service, onDemand });
    return service;
  }
}

/** A service that nobody runs: its identity never answers. */
export function nobodyAt({ host, at }: { host: string; at: number | string }): Service {
  const where = typeof at === "number" ? { port: at } : { port: 0, path: at };
  return { host, ...where, identity: "nobody", [Symbol.asyncDispose]: async () => undefined };
}

function asked(running: Running): Service {
  running.onDemand = false;
  return running.service;
}

function keyOf(host: string, at: number | string, address = "*"): string {
  return `${host} ${address} ${at}`;
}
