/** One of the forwards that share a connection: its outcome with its own lines of both logs, and its end. */
import type { ForwardOutcome, Refusal } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { LoggedForward, SharedLog } from "../openssh/shared-log.ts";
import type { LineSource } from "./await-log.ts";
import { type Logs, refusedWithoutLogs, whyRefused, withLogs } from "./describe-forward.ts";
import type { ForwardAnswer, OpenForward } from "./forward.ts";

/** A forward that may share a connection, with the argument of its -R. */
export interface SharedRequest {
  name: string;
  ssh: ForwardArguments;
  spec: string;
}

/** Both logs of a connection, and where in them a request of several forwards begins. */
export interface SharedLogs {
  client: ReadLog;
  server: ReadLog;
  /** Lines of the login, which every forward has. */
  login: Mark;
  request: Mark;
  /** Since the request. */
  clientLines: SharedLog;
  serverLines: SharedLog;
  sources: readonly LineSource[];
}

/** Lines of a log that grows. */
export type ReadLog = (from: number, to?: number) => readonly string[];

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
  /** Where both logs end now. */
  mark: () => Mark;
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

  get answer(): ForwardAnswer {
    return this.#parts.base;
  }

  /**
   * Of one that was refused: has sshd told why, in a line that names its port? The other lines may be about any of the forwards; then only the log of
   * an ssh of its own tells.
   */
  async explained(): Promise<boolean> {
    const why = await this.whyRefused();
    if (!why || (why !== this.#parts.base.refusedBy && why.params.port !== this.request.ssh.listenPort)) return false;
    this.#parts.base.refusedBy = why;
    return true;
  }

  /** Undefined where it was granted, and where nobody says why it was not. */
  async whyRefused(): Promise<Refusal | undefined> {
    const { base, asked } = this.#parts;
    return base.granted ? undefined : (base.refusedBy ?? whyRefused(asked, this.#ownLogs));
  }

  /** Its logs end here. True when it has to be taken back. */
  end(): boolean {
    if (this.#end) return false;
    this.#end = this.#parts.mark();
    return this.#parts.base.granted;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.takeBack(this);
  }

  /** The login's lines, then its own of those since it was asked for. */
  get #ownLogs(): Logs {
    const { client, server, login, request, clientLines, serverLines } = this.#parts.logs;
    const until = (mark: number, end: number | undefined) => (end === undefined ? undefined : end - mark);
    return {
      clientLog: () => [...client(0, login.client), ...clientLines.linesOf(this.#own, until(request.client, this.#end?.client))],
      serverLog: () => [...server(0, login.server), ...serverLines.linesOf(this.#own, until(request.server, this.#end?.server))],
      sources: this.logs,
    };
  }
}

export function loggedForward({ listenPort, request: { target } }: ForwardArguments): LoggedForward {
  return { listenPort, ...(target ? { target } : {}) };
}
