/** An engine that nobody else uses: it may be looked through to the last container, killed and filled up. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import Docker from "dockerode";
import type { Step } from "../../harness/core/step.ts";
import { type Cache, cacheOf } from "../../harness/engine/cache.ts";
import { connect } from "../../harness/engine/connect.ts";
import { daemonOf, processesOf } from "../../harness/engine/embedded-processes.ts";
import { logFile } from "../../harness/engine/embedded-start.ts";
import {
  type Engine,
  ensureEngine,
  exportImages,
  type ImageRequest,
  imageKey,
  imagesKey,
  importImages,
  presentImages,
  startEmbedded,
  stopEmbedded,
} from "../../harness/engine/index.ts";

const progress = ({ text }: Step) => void process.stderr.write(`  ${text}\n`);

/** How often an engine that is to come up is asked, and for how long. Milliseconds. */
const [againMs, startMs] = [50, 60_000];

export class OwnEngine implements AsyncDisposable {
  readonly cache: Cache;
  readonly docker: Docker;
  #argv: readonly string[];

  private constructor(cache: Cache, argv: readonly string[]) {
    this.cache = cache;
    this.docker = new Docker({ socketPath: cache.endpoint.replace(/^unix:\/\//, "") });
    this.#argv = argv;
  }

  /** Its folder stays, with the images, for the next time. @throws UserError as `startEmbedded` */
  static async start(folder: string): Promise<OwnEngine> {
    const cache = cacheOf({ FORWARDLAB_CACHE: folder });
    await startEmbedded({ progress, cache });
    return new OwnEngine(cache, daemonOf(cache)?.argv ?? []);
  }

  /** The images that a lab needs, copied from the machine's usual engine, which builds what it lacks. */
  async loadImages(store: string): Promise<void> {
    mkdirSync(store, { recursive: true });
    const file = join(store, `${imagesKey()}.tar`);
    if (!existsSync(file)) await exportImages(await ensureEngine({ progress }), file, { progress });
    await importImages(await this.#engine(), file);
  }

  /** The name by which the engine has one of the lab's own images. */
  async imageOf(request: ImageRequest): Promise<string> {
    const { reference } = (await presentImages(await this.#engine(), [request]))[imageKey(request)] ?? {};
    if (reference === undefined) throw new Error(`the engine lacks the image ${imageKey(request)}`);
    return reference;
  }

  /** Of the commands that use this engine: to one that had the engine's own, it would be the embedded one, which it starts again. */
  get cacheOfCommands(): Cache {
    return cacheOf({ FORWARDLAB_CACHE: join(this.cache.folder, "of-commands") });
  }

  /** What a command needs to use this engine and no other. */
  get env(): Record<string, string> {
    return { DOCKER_HOST: this.cache.endpoint, FORWARDLAB_CACHE: this.cacheOfCommands.folder };
  }

  /** dockerd ends without a word. */
  async crash(): Promise<void> {
    const daemon = daemonOf(this.cache);
    if (!daemon) throw new Error("dockerd does not run");
    this.#argv = daemon.argv;
    process.kill(daemon.pid, "SIGKILL");
    // Also as a zombie it would keep the next one from starting.
    while (existsSync(`/proc/${daemon.pid}`)) await after(againMs);
  }

  /**
   * dockerd starts again as a service manager would start it: nothing is tidied up before, and one that gives up, for its containerd of before
   * is still on its way out, is started once more.
   */
  async revive(): Promise<void> {
    const [program = "", ...args] = this.#argv;
    const log = openSync(logFile(this.cache), "a");
    let answers = false;
    const start = () => {
      const child = spawn(program, args, { cwd: "/", detached: true, stdio: ["ignore", log, log] });
      child.on("exit", () => !answers && start());
      child.unref();
    };
    start();
    await this.#engine();
    answers = true;
  }

  /** Stops with all that it has started, and starts again. */
  async renew(): Promise<void> {
    await stopEmbedded({ progress: () => undefined, cache: this.cache });
    await startEmbedded({ progress: () => undefined, cache: this.cache });
  }

  /**
   * Containers that dockerd was creating when it died: it never wrote them down, so it knows nothing of them when it is back, and no client can
   * have it remove them. Only containerd's shim and `runc init` wait there; nothing of the lab runs.
   */
  forgotten(): string[] {
    return this.containerProcesses().filter((each) => /\((?:\S*\/)?containerd-shim|\(runc init\)/.test(each));
  }

  /** Everything that runs in containers, and what the engine has started for it. */
  containerProcesses(): string[] {
    return processesOf(this.cache)
      .filter(({ argv }) => !/(?:^|\/)(?:dockerd|containerd)$/.test(argv[0] ?? ""))
      .map(({ pid, argv }) => `process ${pid} (${argv.slice(0, 3).join(" ")})`);
  }

  async #engine(): Promise<Engine> {
    for (const deadline = Date.now() + startMs; Date.now() < deadline; await after(againMs)) {
      const { engine } = await connect({ endpoint: this.cache.endpoint, source: "the soak", explicit: true }, this.cache.endpoint);
      if (engine) return engine;
    }
    throw new Error(`dockerd does not answer: ${readFileSync(logFile(this.cache), "utf8").slice(-2000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopEmbedded({ progress: () => undefined, cache: this.cache });
  }
}
