/** `forwardlab learn` as a process, and a page's end of its WebSocket. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import WebSocket from "ws";
import type { LearnMessage, LiveEvent, RunEvent } from "../../../harness/core/lesson.ts";
import { endOf, type Outcome, startCli } from "../../quick/cli/run-cli.ts";

export interface LearnProcess extends AsyncDisposable {
  /** With the token, without a hash. */
  url: URL;
  child: ChildProcess;
  ended: Promise<Outcome>;
}

/** Resolves when it says where its page is. */
export async function startLearn(...args: string[]): Promise<LearnProcess> {
  const child = startCli(["learn", ...args]);
  const ended = endOf(child);
  const url = await new Promise<URL>((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [found] = /http:\/\/\S+/.exec(said) ?? [];
      if (found !== undefined && said.includes("Ctrl-C")) resolve(new URL(found));
    });
    ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return {
    url,
    child,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
      await ended;
    },
  };
}

/** Processes that it has started. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const own = text === "" ? [] : text.split(" ").map(Number);
  return [...own, ...own.flatMap(childrenOf)];
}

/** A terminal on a host, as the page has it. */
export class TerminalClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  /** With what the other side closes it. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #shown = "";
  #news = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
    socket.on("message", (data) => {
      this.#shown += String(data);
      this.#tell();
    });
    socket.on("close", () => this.#tell());
  }

  static async open({ origin, host, pathname }: URL, on: string): Promise<TerminalClient> {
    const socket = new WebSocket(`ws://${host}${pathname}tty?host=${on}`, { origin });
    const client = new TerminalClient(socket);
    await once(socket, "open");
    return client;
  }

  type(text: string): void {
    this.#socket.send(Buffer.from(text), { binary: true });
  }

  resize(size: unknown): void {
    this.#socket.send(JSON.stringify(size));
  }

  /** What is shown from the last such moment on. */
  async shows(text: string): Promise<void> {
    const late = AbortSignal.timeout(60_000);
    late.addEventListener("abort", () => this.#tell(), { once: true });
    while (!this.#shown.includes(text)) {
      if (late.aborted || this.#socket.readyState !== WebSocket.OPEN) throw new Error(`it did not show ${text}:\n${this.#shown}`);
      await this.#news.promise;
    }
    this.#shown = this.#shown.slice(this.#shown.indexOf(text) + text.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}

export class LearnClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #messages: LearnMessage[] = [];
  #news = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#tell();
    });
    socket.on("close", () => this.#tell());
  }

  static async open({ origin, host, pathname }: URL): Promise<LearnClient> {
    const socket = new WebSocket(`ws://${host}${pathname}ws`, { origin });
    const client = new LearnClient(socket);
    await once(socket, "open");
    return client;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message of that kind that has not been read yet; those before it are left behind. */
  async next<Kind extends LearnMessage["of"]>(of: Kind): Promise<Extract<LearnMessage, { of: Kind }>> {
    const late = AbortSignal.timeout(80_000);
    late.addEventListener("abort", () => this.#tell(), { once: true });
    for (;;) {
      const message = this.#messages.shift();
      if (message?.of === of) return message as Extract<LearnMessage, { of: Kind }>;
      if (message?.of === "error") throw new Error(`while waiting for ${of}: ${message.error.message}`);
      if (message) continue;
      if (late.aborted || this.#socket.readyState !== WebSocket.OPEN) throw new Error(`closed, or silent, while waiting for ${of}`);
      await this.#news.promise;
    }
  }

  /** Of a run, up to its end or to the first of that type. */
  async events(last: RunEvent["type"] = "over"): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    while (events.at(-1)?.type !== last) events.push((await this.next("run")).event);
    return events;
  }

  /** Of the lab to work in: the first of that type that has not been read yet, and is as wanted. */
  async live<Type extends LiveEvent["type"]>(
    type: Type,
    matches: (event: Extract<LiveEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<LiveEvent, { type: Type }>> {
    for (;;) {
      const { event } = await this.next("live");
      if (event.type === type && matches(event as Extract<LiveEvent, { type: Type }>)) return event as Extract<LiveEvent, { type: Type }>;
    }
  }

  /** Code with which the other side closes. */
  async closed(): Promise<number> {
    if (this.#socket.readyState === WebSocket.CLOSED) throw new Error("closed already");
    const [code] = await once(this.#socket, "close");
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
