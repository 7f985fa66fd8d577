/**
 * Starts the hosts' containers in a thread of its own: to load Testcontainers takes a processor for some 0.3 s, and this process has other things to do
 * meanwhile.
 */
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { StartAnswer, StartRequest } from "./host-containers-thread.ts";

/** Process id of a container's first process, as the engine's machine numbers it. */
type Pid = number;

/** One for all labs of this process: Testcontainers keeps to one engine. */
let running: HostContainers | undefined;

export class HostContainers {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, { resolve: (pid: Pid) => void; reject: (error: Error) => void }>();
  #next = 1;

  /** Call it as early as it is known that there will be a lab. The thread keeps no process alive. */
  static load(): HostContainers {
    running ??= new HostContainers();
    return running;
  }

  private constructor() {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    // What names the engine is in the environment, and may be set later.
    this.#thread = new Worker(new URL(`./host-containers-thread.${extension}`, import.meta.url), { env: SHARE_ENV });
    this.#thread.on("message", (answer: StartAnswer) => this.#settle(answer));
    this.#thread.on("error", (error: Error) => this.#gone(error));
    this.#thread.on("exit", () => this.#gone(new Error("the thread that starts the hosts' containers has ended")));
    this.#thread.unref();
  }

  /** Rejects with what Testcontainers or the engine says; with `code`, `syscall` and `statusCode` where they have one. */
  start(request: Omit<StartRequest, "id">): Promise<Pid> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread.ref();
      this.#thread.postMessage({ ...request, id } satisfies StartRequest);
    });
  }

  #settle(answer: StartAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#thread.unref();
    if ("pid" in answer) waiting?.resolve(answer.pid);
    else waiting?.reject(Object.assign(new Error(answer.failed.message), answer.failed));
  }

  #gone(why: Error): void {
    if (running === this) running = undefined;
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }
}
