/** Starts a lab from its spec and holds it until it is disposed. */

import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { type Adaptation, adapted } from "../core/adaptation.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type LabSpec, lansOf } from "../core/lab-spec.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { attachStreams } from "../engine/attach.ts";
import { engineFull, saysDiskFull } from "../engine/disk.ts";
import type { Engine } from "../engine/engine.ts";
import { enterLabel, keptLabel, labLabel, ownerLabel, ownerOf } from "../engine/labels.ts";
import { Fabric } from "./fabric.ts";
import { createFabric } from "./fabric-container.ts";
import { FabricError } from "./fabric-error.ts";
import type { Host } from "./host.ts";
import { HostContainers } from "./host-containers.ts";
import { hostSettings, portList } from "./host-sysctls.ts";
import { agentMismatch, engineGone } from "./lab-gone.ts";
import { RunningHost } from "./running-host.ts";
import { startWatchdog } from "./watchdog.ts";
import { planWiring } from "./wiring.ts";

export interface LabOptions {
  engine: Pick<Engine, "docker" | "endpoint">;
  /** References of images that exist on the engine. */
  images: { fabric: string; host: string };
  /** A name makes the lab one to keep: containers carry it as a label, and `keep()` lets it outlive this process. */
  name?: string;
  progress?: Progress;
}

/** A lab that runs. Disposing it removes everything it started. */
export interface Lab extends AsyncDisposable {
  /** Random; names the lab on the engine and marks its processes. */
  readonly id: string;
  readonly spec: LabSpec;
  readonly kernel: string;
  /** Throws a `UserError` for a name the spec does not have. */
  host(name: string): Host;
  /** The agent's own operations, for the stages that build on the lab (probes, services, firewalls). */
  readonly fabric: Fabric;
  /** Lets the lab outlive this process, until `down`. Disposing then only detaches from it. */
  keep(): Promise<void>;
  /** What was changed so that containers behave like hosts. */
  readonly adaptations: readonly Adaptation[];
}

export async function startLab(spec: LabSpec, options: LabOptions): Promise<Lab> {
  const id = randomBytes(6).toString("hex");
  const { name, progress = () => undefined } = options;
  const { docker, endpoint } = options.engine;
  const containers = HostContainers.load();
  const watchdog = startWatchdog(id, endpoint);
  await using started = new AsyncDisposableStack();
  started.defer(() => watchdog.dismiss());
  started.defer(() => removeContainers(docker, id));

  const plan = planWiring(spec);
  const hosts = Object.entries(spec.hosts).filter(([, host]) => host.kind === "container");
  const labels = { [ownerLabel]: ownerOf(), [enterLabel]: Object.keys(spec.hosts).join(","), ...(name ? { [keptLabel]: name } : {}) };
  progress(stepOf("starting-containers", { count: hosts.length + 1 }));
  const { socketPath } = docker.modem as { socketPath?: string };
  const pids = hosts.map(async ([host, { image = options.images.host }]) => {
    const pid = await containers.start({ image, role: { lab: id, host, labels }, socketPath });
    return [host, pid] as const;
  });
  const gear = (async () => {
    const container = await createFabric(docker, options.images.fabric, id, { labels });
    const stream = await attachStreams(container);
    const fabric = new Fabric(stream, (from, out, err) => docker.modem.demuxStream(from, out, err));
    await container.start();
    const { kernel } = await fabric.ready;
    await fabric.request("build", plan.gear);
    return { fabric, kernel };
  })();
  // All have to settle before anything is undone: a container that appears later would be missed.
  const settled = await Promise.allSettled([gear, ...pids]);
  const failed = settled.find((each) => each.status === "rejected");
  if (failed) throw asUserError(failed.reason);
  const { fabric, kernel } = await gear;
  progress(stepOf("wiring-hosts", {}));
  let withoutTun: string[];
  try {
    ({ withoutTun } = await fabric.request("adopt", {
      hosts: Object.fromEntries(await Promise.all(pids)),
      steps: plan.containers.steps,
    }));
  } catch (error) {
    throw asUserError(error);
  }
  const lab = new RunningLab(id, spec, kernel, fabric, docker, watchdog.dismiss, withoutTun);
  await lab.nameHosts();
  started.move();
  return lab;
}

class RunningLab implements Lab {
  readonly id: string;
  readonly spec: LabSpec;
  readonly kernel: string;
  readonly fabric: Fabric;
  readonly adaptations: readonly Adaptation[];
  readonly #hosts: Map<string, Host>;
  readonly #docker: Docker;
  readonly #dismissWatchdog: () => void;
  #kept = false;

  constructor(
    id: string,
    spec: LabSpec,
    kernel: string,
    fabric: Fabric,
    docker: Docker,
    dismissWatchdog: () => void,
    withoutTun: readonly string[],
  ) {
    this.id = id;
    this.spec = spec;
    this.kernel = kernel;
    this.fabric = fabric;
    this.#docker = docker;
    this.#dismissWatchdog = dismissWatchdog;
    this.#hosts = new Map(Object.entries(spec.hosts).map(([name, host]) => [name, new RunningHost(name, host, fabric)]));
    this.adaptations = [
      ...[...Map.groupBy(hostSettings, ({ why }) => why)].map(
        ([why, of]): Adaptation => ({
          every: "host",
          ...adapted("kernel-settings", { settings: of.map(({ key, value }) => `${key} = ${value}`), why }),
        }),
      ),
      ...Object.entries(spec.hosts)
        .filter(([, host]) => host.reservedPorts?.length)
        .map(([host, { reservedPorts }]): Adaptation => ({ host, ...adapted("ports-reserved", { ports: portList(reservedPorts ?? []) }) })),
      ...Object.entries(spec.hosts)
        .filter(([, { added }]) => added)
        .map(([host]): Adaptation => ({ host, ...adapted("neighbour-added", { lan: lansOf(spec, host)[0] ?? "" }) })),
      { every: "container", ...adapted("names-written", {}) },
      { every: "container", ...adapted("tun-made", {}) },
      ...withoutTun.map((host): Adaptation => ({ host, ...adapted("tun-missing", {}) })),
      { every: "host", ...adapted("observation-table", {}) },
    ];
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host)
      throw new UserError("unknown-host", `the lab has no host ${name}`, {
        fault: faultOf("host-unknown", { name, is: "host", known: [...this.#hosts.keys()] }),
        expected: [...this.#hosts.keys()].join(", "),
      });
    return host;
  }

  /** Names resolve from /etc/hosts; other names fail at once instead of hanging a login. */
  async nameHosts(): Promise<void> {
    const names = Object.entries(this.spec.names ?? {}).flatMap(([name, addresses]) => addresses.map((address) => `${address}\t${name}`));
    const hosts = [...this.#hosts.values()];
    const lines = hosts.flatMap((host) => host.addresses.map(({ address }) => ({ host, line: `${address}\t${host.name}` })));
    await Promise.all(
      hosts.map((own) => {
        // Home and other-lan have the same private address: of those, a host knows only its own.
        const known = lines.filter(
          ({ host, line }) => host === own || !lines.some((other) => other.host !== host && sameAddress(other.line, line)),
        );
        const all = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", ...known.map(({ line }) => line), ...names];
        const content = `${all.join("\n")}\n`;
        if (own.kind === "namespace") return this.fabric.request("names", { host: own.name, content });
        return own.writeFiles({
          "/etc/hosts": { content },
          "/etc/resolv.conf": { content: "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n" },
        });
      }),
    );
  }

  async keep(): Promise<void> {
    await this.fabric.request("keep");
    this.#kept = true;
    this.#dismissWatchdog();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#kept) {
      this.fabric.close();
      return;
    }
    // The agent ends the hosts at once; the engine would start a process to end each of them.
    this.fabric.close();
    await removeContainers(this.#docker, this.id);
    this.#dismissWatchdog();
  }
}

function sameAddress(one: string, other: string): boolean {
  return one.split("\t")[0] === other.split("\t")[0];
}

/** Most removals end sooner. */
const lookAgainMs = 250;

interface EngineAnswer extends Error {
  statusCode?: number;
}

/** Removes every container with the lab's label and returns when the engine no longer knows them. */
export async function removeContainers(docker: Docker, id: string): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${labLabel}=${id}`] } });
  await Promise.all(
    found.map(async ({ Id }) => {
      const container = docker.getContainer(Id);
      const remove = () => container.remove({ force: true });
      await remove()
        // On a busy machine Docker gives up waiting for the end of a process that it has killed; it has ended by now.
        .catch((error: EngineAnswer) => (error.statusCode === 500 ? remove() : Promise.reject(error)))
        .catch((error: EngineAnswer) => {
          // The engine is removing it already.
          if (error.statusCode === 409) return containerGone(container);
          if (error.statusCode !== 404) throw error;
        });
    }),
  );
}

/**
 * Waits until the engine has removed it. Docker 20.10 never answers a wait that comes just as the removal ends: it tells those who wait, and makes a new
 * channel for whoever waits then. So the container is also looked for, which ends that wait.
 */
async function containerGone(container: Docker.Container): Promise<void> {
  const looked = new AbortController();
  const removed = container.wait({ condition: "removed", abortSignal: looked.signal }).catch(() => undefined);
  const look = setInterval(() => {
    container.inspect().catch((error: EngineAnswer) => {
      if (error.statusCode === 404) looked.abort();
    });
  }, lookAgainMs);
  try {
    await removed;
  } finally {
    clearInterval(look);
  }
}

/** What the engine or the fabric says, as an error for a person. */
export function asUserError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  // What ends a lab is told as that, whenever it ends.
  if (error instanceof FabricError && error.isFinal) return error;
  if (error instanceof FabricError && error.kind === "host-ended") {
    return new UserError("host-image", error.message, {
      fault: faultOf("image-incomplete", { said: error.message }),
      expected: "an image with `sleep` and `sh`",
      todo: "use an image with a complete system, not a single program",
      cause: error,
    });
  }
  if (error instanceof FabricError && error.isOfProtocol) return agentMismatch(error.message, error);
  if (error instanceof FabricError && error.isDiskFull) return engineFull("the lab does not start", error);
  if (error instanceof FabricError) {
    return new UserError("lab", error.message, {
      fault: faultOf("lab-broken", { said: error.message }),
      log: error.log,
      todo: "run `forwardlab doctor`",
      cause: error,
    });
  }
  const gone = engineGone(error);
  if (gone) return gone;
  const message = error instanceof Error ? error.message : String(error);
  if (saysDiskFull(message)) return engineFull("the lab's containers do not start", error);
  return new UserError("lab-start", `the lab's containers do not start: ${message}`, {
    todo: "run `forwardlab doctor`",
    fault: faultOf("lab-does-not-start", { said: message }),
    cause: error,
  });
}
