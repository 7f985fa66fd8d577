/** The harness's end of the stream to the fabric's agent: requests, answers, events. */
import type { Duplex } from "node:stream";
import { PassThrough } from "node:stream";
import { limits } from "./confinement.ts";
import { FabricError } from "./fabric-error.ts";
import { type Answer, type OperationName, operations, type Request } from "./operations/index.ts";

const limitWords: Record<string, string> = {
  processes: `more than ${limits.PidsLimit} processes`,
  memory: `more than ${limits.Memory / 1024 / 1024} MiB of memory`,
  output: "a program that prints without end",
};

/** Nothing that was seen after that can be trusted: a login that could not start a process looks like one that was refused. */
function overLimit(what: string): FabricError {
  return new FabricError(limitWords[what] ?? what, "limit");
}

/** The agent waits for thirty times as long: `containers/agent/lifeline.py`. */
const lifeSignMs = 20_000;

/** An operation without required fields needs none. */
type Fields<Name extends OperationName> = Record<string, never> extends Request<Name> ? [fields?: Request<Name>] : [fields: Request<Name>];

type Handler = (event: Record<string, unknown>) => void;

export class Fabric {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #handlers = new Map<string, Handler>();
  readonly #pending: Record<string, unknown>[] = [];
  readonly #errorOutput: string[] = [];
  #next = 1;
  #ended: Error | undefined;
  #buffer: Buffer[] = [];
  readonly #lifeSigns: NodeJS.Timeout;
  /** Requests of this turn of the event loop: they go in one write. */
  #outgoing: string[] = [];
  /** Settles when the agent has started and reads requests. */
  readonly ready: Promise<{ pid: number; kernel: string }>;

  /** `stream`: an attached container's raw stream; `demux` splits what the engine multiplexed. */
  constructor(stream: Duplex, demux: (stream: Duplex, out: PassThrough, err: PassThrough) => void) {
    this.#stream = stream;
    const out = new PassThrough();
    const err = new PassThrough();
    demux(stream, out, err);
    this.ready = new Promise((resolve, reject) => {
      this.#handlers.set("ready", (event) => resolve({ pid: event.pid as number, kernel: event.kernel as string }));
      this.#waiting.set(0, { resolve: () => undefined, reject });
    });
    this.ready.catch(() => undefined);
    out.on("data", (chunk: Buffer) => this.#read(chunk));
    err.on("data", (chunk: Buffer) => this.#errorOutput.push(chunk.toString()));
    const end = () => this.#end();
    stream.on("end", end).on("close", end).on("error", end);
    this.#lifeSigns = setInterval(() => this.#giveLifeSign(), lifeSignMs).unref();
  }

  /** Rejects with `FabricError`; also when the agent is gone. */
  async request<Name extends OperationName>(op: Name, ...[fields]: Fields<Name>): Promise<Answer<Name>> {
    const answered = operations[op].answer.safeParse(await this.#send(op, fields ?? {}));
    if (!answered.success) {
      const wrong = answered.error.issues.map(({ path, message }) => `${[op, ...path].join(".")}: ${message}`);
      throw new FabricError(wrong.join("; "), "protocol");
    }
    return answered.data as Answer<Name>;
  }

  #send(op: string, fields: object): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (this.#outgoing.push(`${JSON.stringify({ id, op, ...fields })}\n`) === 1) process.nextTick(() => this.#flush());
    });
  }

  /** For an agent that cannot look at this process: an engine that is killed closes no container's input. */
  #giveLifeSign(): void {
    if (!this.#stream.destroyed && this.#stream.writable) this.#stream.write("\n");
  }

  #flush(): void {
    if (this.#outgoing.length > 0 && !this.#stream.destroyed) this.#stream.write(this.#outgoing.join(""));
    this.#outgoing = [];
  }

  /** Events of one process or stream go to one handler; those that came before are delivered at once. */
  on(key: string, handler: Handler): void {
    this.#handlers.set(key, handler);
    for (let at = 0; at < this.#pending.length; ) {
      const event = this.#pending[at] as Record<string, unknown>;
      if (keyOf(event) === key) {
        this.#pending.splice(at, 1);
        handler(event);
      } else at++;
    }
  }

  off(key: string): void {
    this.#handlers.delete(key);
  }

  /** Ends the agent's input, which ends the lab unless it is kept, and lets go of its output. */
  close(): void {
    clearInterval(this.#lifeSigns);
    this.#flush();
    this.#stream.end(() => this.#stream.destroy());
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10)) {
      this.#buffer.push(rest.subarray(0, newline));
      this.#line(Buffer.concat(this.#buffer).toString());
      this.#buffer = [];
      rest = rest.subarray(newline + 1);
    }
    if (rest.length > 0) this.#buffer.push(rest);
  }

  #line(line: string): void {
    try {
      this.#message(JSON.parse(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#end(new FabricError(`no JSON: ${JSON.stringify(line.slice(0, 100))}`, "protocol"));
    }
  }

  #message(message: Record<string, unknown>): void {
    if (typeof message.id === "number") {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if ("error" in message) {
        waiting?.reject(new FabricError(String(message.error), String(message.kind), (message.log ?? message.text) as string | undefined));
      } else waiting?.resolve(message.ok);
      return;
    }
    if (message.event === "limit") this.#end(overLimit(String(message.what)));
    const handler = this.#handlers.get(keyOf(message));
    if (handler) handler(message);
    else this.#pending.push(message);
  }

  #end(why?: FabricError): void {
    if (this.#ended) return;
    clearInterval(this.#lifeSigns);
    const log = this.#errorOutput.join("").trimEnd();
    this.#ended = why ?? new FabricError("the lab's fabric is gone: its container or the engine ended", "gone", log || undefined);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
    for (const [key, handler] of this.#handlers) handler({ event: "gone", key, error: this.#ended });
  }
}

function keyOf(event: Record<string, unknown>): string {
  if ("job" in event) return `job ${event.job}`;
  if ("stream" in event) return `stream ${event.stream}`;
  return String(event.event);
}
