/** One of the forwards that share a connection: its outcome with its own lines of both logs, and its end. */
import type { ForwardOutcome, Refusal } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { RefusalFacts } from "../openssh/refusal.ts";
import { clientLinesOf, type LoggedForward, serverLinesOf } from "../openssh/shared-log.ts";
import type { LineSource } from "./await-log.ts";
import { withLogs } from "./describe-forward.ts";
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
  /** All that were asked for at once. */
  all: readonly LoggedForward[];
  sources: readonly LineSource[];
}

export interface Mark {
  client: number;
  server: number;
}

export class SharedForward implements OpenForward {
  readonly request: SharedRequest;
  readonly clientAddress: string;
  readonly process = undefined;
  readonly logs: readonly LineSource[];
  readonly #logs: SharedLogs;
  readonly #settings: Pick<RefusalFacts, "settings" | "key">;
  readonly #own: LoggedForward;
  readonly #base: ForwardOutcome;
  readonly #takeBack: (forward: SharedForward) => Promise<void>;
  #end: Mark | undefined;

  constructor(
    request: SharedRequest,
    base: ForwardOutcome,
    parts: {
      logs: SharedLogs;
      /** What applies to this login. */
      settings: Pick<RefusalFacts, "settings" | "key">;
      clientAddress: string;
      takeBack: (forward: SharedForward) => Promise<void>;
    },
  ) {
    const { logs, clientAddress, takeBack } = parts;
    this.request = request;
    this.#settings = parts.settings;
    this.#base = base;
    this.#logs = logs;
    this.#own = loggedForward(request.ssh);
    this.logs = logs.sources;
    this.clientAddress = clientAddress;
    this.#takeBack = takeBack;
  }

  get port(): number {
    return this.#base.granted ? this.request.ssh.listenPort : 0;
  }

  get outcome(): ForwardOutcome {
    const { request } = this.request.ssh;
    return withLogs(this.#base, { request, ...this.#settings, clientLog: this.clientLog(), serverLog: this.serverLog() });
  }

  clientLog(): string[] {
    const { client, login, request, all } = this.#logs;
    const lines = client();
    return [...lines.slice(0, login.client), ...clientLinesOf(this.#own, all, lines.slice(request.client, this.#end?.client))];
  }

  serverLog(): string[] {
    const { server, login, request, all } = this.#logs;
    const lines = server();
    return [...lines.slice(0, login.server), ...serverLinesOf(this.#own, all, lines.slice(request.server, this.#end?.server))];
  }

  refuse(by: Refusal | undefined): void {
    if (by) this.#base.refusedBy = by;
  }

  /** Its logs end here. True when it has to be taken back. */
  end(): boolean {
    if (this.#end) return false;
    this.#end = { client: this.#logs.client().length, server: this.#logs.server().length };
    return this.#base.granted;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#takeBack(this);
  }
}

export function loggedForward({ listenPort, request: { target } }: ForwardArguments): LoggedForward {
  return { listenPort, ...(target ? { target } : {}) };
}
