/** One of the forwards that share a connection: its outcome with its own lines of both logs, and its end. */
import type { ForwardOutcome, Refusal } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { LoggedForward, SharedLog } from "../openssh/shared-log.ts";
import type { LineSource } from "./await-log.ts";
import { type Logs, refusedWithoutLogs, whyRefused, withLogs } from "./describe-forward.ts";
import type { OpenForward } from "./forward.ts";

/** A forward that may share a connection, with the argument of its -R. */
export interface SharedRequest {
  name: string;
  ssh: ForwardArguments;
  spec: string;
}

/** Both logs of a connection, and where in them a request of several forwards begins. */
export interface SharedLogs {
  client: () => readonly string[];
  server: () => readonly string[];
  /** Lines of the login, which every forward has. */
  login: Mark;
  request: Mark;
  /** Since the request. */
  clientLines: SharedLog;
  serverLines: SharedLog;
  sources: readonly LineSource[];
}

export interface Mark {
  client: number;
  server: number;
}

export interface SharedParts {
  /** Without what the logs tell. */
  base: ForwardOutcome;
  asked: Parameters<typeof refusedWithoutLogs>[0];
  logs: SharedLogs;
  clientAddress: string;
  takeBack: (forward: SharedForward) => Promise<void>;
}

export class SharedForward implements OpenForward {
  readonly request: SharedRequest;
  readonly clientAddress: string;
  readonly process = undefined;
  readonly logs: readonly LineSource[];
  readonly #parts: SharedParts;
  readonly #own: LoggedForward;
  #end: Mark | undefined;

  constructor(request: SharedRequest, parts: SharedParts) {
    this.request = request;
    this.clientAddress = parts.clientAddress;
    this.logs = parts.logs.sources;
    this.#parts = parts;
    this.#own = loggedForward(request.ssh);
    const refusedBy = parts.base.granted ? undefined : refusedWithoutLogs(parts.asked);
    if (refusedBy) parts.base.refusedBy = refusedBy;
    parts.base.serverAnswer = parts.base.granted ? "granted" : "refused";
  }

  get port(): number {
    return this.#parts.base.granted ? this.request.ssh.listenPort : 0;
  }

  get outcome(): ForwardOutcome {
    return withLogs(this.#parts.base, this.#parts.asked, this.#ownLogs);
  }

  /** What the server answered, without the logs. */
  get answer(): Pick<ForwardOutcome, "granted" | "listeners"> {
    const { granted, listeners } = this.#parts.base;
    return { granted, listeners };
  }

  /** Undefined where it was granted, and where nobody says why it was not. */
  async whyRefused(): Promise<Refusal | undefined> {
    const { base, asked } = this.#parts;
    return base.granted ? undefined : (base.refusedBy ?? whyRefused(asked, this.#ownLogs));
  }

  /** Its logs end here. True when it has to be taken back. */
  end(): boolean {
    if (this.#end) return false;
    const { client, server } = this.#parts.logs;
    this.#end = { client: client().length, server: server().length };
    return this.#parts.base.granted;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.takeBack(this);
  }

  /** The login's lines, then its own of those since it was asked for. */
  get #ownLogs(): Logs {
    const { client, server, login, request, clientLines, serverLines } = this.#parts.logs;
    const since = (mark: number, end: number | undefined) => (end === undefined ? undefined : end - mark);
    return {
      clientLog: () => [
        ...client().slice(0, login.client),
        ...clientLines.linesOf(this.#own, client().slice(request.client), since(request.client, this.#end?.client)),
      ],
      serverLog: () => [
        ...server().slice(0, login.server),
        ...serverLines.linesOf(this.#own, server().slice(request.server), since(request.server, this.#end?.server)),
      ],
      sources: this.logs,
    };
  }
}

export function loggedForward({ listenPort, request: { target } }: ForwardArguments): LoggedForward {
  return { listenPort, ...(target ? { target } : {}) };
}
