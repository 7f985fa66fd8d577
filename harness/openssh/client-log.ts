/** Follows what ssh says about a forward until it has said all there is. */
import { type ForwardKind, listensOnServer } from "../core/forward-outcome.ts";
import { type LogEvent, readLog, readLogLine } from "./log-events.ts";

/** What the server calls itself in its first line (RFC 4253, 4.2); undefined for OpenSSH, and before ssh has seen it. */
export function otherSoftware(log: readonly string[]): string | undefined {
  const found = readLog(log).find((event) => event.kind === "server-software");
  return found?.kind === "server-software" && !found.software.startsWith("OpenSSH") ? found.software : undefined;
}

/** Did ssh get as far as a TCP connection, or, through jump hosts, as far as the server's first line? */
export function connected(clientLog: readonly string[]): boolean {
  return readLog(clientLog).some(({ kind }) => kind === "connected" || kind === "server-software");
}

/** Client's address of the last login of this account that sshd let in; undefined when there is none. */
export function loginAddress(serverLog: readonly string[], account: string): string | undefined {
  const found = readLog(serverLog).findLast((event) => event.kind === "login-accepted" && event.account === account);
  return found?.kind === "login-accepted" ? found.address : undefined;
}

/** Address of the first client that sshd took a connection from. */
export function peerAddress(serverLog: readonly string[]): string | undefined {
  const found = readLog(serverLog).find((event) => event.kind === "connection-from");
  return found?.kind === "connection-from" ? found.address : undefined;
}

/** sshd's end of the last connection that it took from this client; undefined where it does not say. */
export function localEndOf(serverLog: readonly string[], client: string): { address: string; port: number } | undefined {
  const found = readLog(serverLog).findLast((event) => event.kind === "connection-from" && event.address === client);
  return found?.kind === "connection-from" ? found.local : undefined;
}

export interface ForwardNews {
  authenticated: boolean;
  /** Undefined: ssh has not said yet. */
  granted: boolean | undefined;
  /** Port that the server chose for port 0. */
  allocatedPort: number | undefined;
  /** The server has answered ssh's request to listen (-R). */
  answered: boolean;
}

/**
 * Follows ssh's standard error line by line. `read` returns true once ssh has said all there is to say about the one forward:
 * for -R its `remote forward success|failure` (and the port, for port 0); for -L and -D that the session is on, after its listeners were opened.
 */
export class ForwardWatch {
  readonly news: ForwardNews = { authenticated: false, granted: undefined, allocatedPort: undefined, answered: false };
  readonly #remote: boolean;
  readonly #anyPort: boolean;
  #requested = false;
  #listening = false;
  #failed = false;

  constructor(kind: ForwardKind, listenPort: number) {
    this.#remote = listensOnServer(kind);
    this.#anyPort = listenPort === 0;
  }

  read(line: string): boolean {
    const event = readLogLine(line);
    if (event?.kind === "authenticated") this.news.authenticated = true;
    if (event) {
      // What a person would see of a failure comes after it.
      const more = this.#remote ? this.#readRemote(event) : this.#readLocal(event);
      if (more === "more") return false;
    }
    return this.news.granted !== undefined;
  }

  #readRemote(event: LogEvent): "more" | undefined {
    if (event.kind === "port-allocated") {
      this.news.allocatedPort = event.port;
      this.news.granted = true;
    } else if (event.kind === "remote-requested") this.#requested = true;
    else if (event.kind === "remote-answer") {
      this.news.answered = true;
      if (!event.granted) {
        this.news.granted = false;
        return "more";
      }
      if (!this.#anyPort) this.news.granted = true;
    } else if (event.kind === "remote-failed") {
      this.news.answered ||= event.listen !== "";
      this.news.granted = false;
    }
    // ClearAllForwardings: the session is on and nothing was asked for.
    else if (event.kind === "session" && !this.#requested) this.news.granted = false;
    return undefined;
  }

  #readLocal(event: LogEvent): undefined {
    if (event.kind === "local-listening" || event.kind === "local-listening-path") this.#listening = true;
    else if (event.kind === "local-failed") this.#failed = true;
    else if (event.kind === "session") this.news.granted = this.#listening && !this.#failed;
    if (this.#failed) this.news.granted = false;
  }
}
