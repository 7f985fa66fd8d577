/** The way of what is recorded to whoever asked for it: JSON lines over a Unix socket, whose path the environment tells. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { RunEvent } from "../core/lesson.ts";

/** Its value is the socket's path. Without it nothing is recorded. */
export const recordVariable = "FORWARDLAB_RECORD";

/** What goes over the socket: an event, or a number that is to be sent back. */
export type RecordLine = RunEvent | { sync: number };

let channel: RecordChannel | undefined;

/** The one of this process; undefined: nobody listens. */
export function recordChannel(): RecordChannel | undefined {
  const path = process.env[recordVariable];
  if (path) channel ??= new RecordChannel(path);
  return channel;
}

class RecordChannel {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, () => void>();
  #syncs = 0;
  #open = true;

  constructor(path: string) {
    this.#socket = connect(path);
    // What listens may go away at any time; the tests go on as if nobody had ever listened.
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => this.#end());
    this.#socket.unref();
    createInterface({ input: this.#socket }).on("line", (line) => this.#waiting.get(Number(line))?.());
  }

  send(event: RunEvent): void {
    this.#write(event);
  }

  /** Everything so far has been read. */
  async delivered(): Promise<void> {
    if (!this.#open) return;
    const sync = ++this.#syncs;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(sync, resolve);
    this.#socket.ref();
    this.#write({ sync });
    await promise;
    this.#waiting.delete(sync);
    this.#socket.unref();
  }

  #write(line: RecordLine): void {
    if (this.#open) this.#socket.write(`${JSON.stringify(line)}\n`);
  }

  #end(): void {
    this.#open = false;
    for (const resolve of this.#waiting.values()) resolve();
  }
}
