/** Reads what `ssh -v` says about a forward. Texts are those of OpenSSH 10.0 (`ssh.c`, `channels.c`); they are the same in 8.4 to 10.6. */
import type { ForwardKind } from "./forward-request.ts";

/** What the server calls itself in its first line (RFC 4253, 4.2); undefined for OpenSSH, and before ssh has seen it. */
export function otherSoftware(log: readonly string[]): string | undefined {
  const [, software] = /remote software version (\S+)/.exec(log.find((line) => line.includes("remote software version")) ?? "") ?? [];
  return software?.startsWith("OpenSSH") ? undefined : software;
}

export interface ForwardNews {
  authenticated: boolean;
  /** Undefined: ssh has not said yet. */
  granted: boolean | undefined;
  /** Port that the server chose for port 0. */
  allocatedPort: number | undefined;
}

/**
 * Follows ssh's standard error line by line. `read` returns true once ssh has said all there is to say about the one forward:
 * for -R its `remote forward success|failure` (and the port, for port 0); for -L and -D that the session is on, after its listeners were opened.
 */
export class ForwardWatch {
  readonly news: ForwardNews = { authenticated: false, granted: undefined, allocatedPort: undefined };
  readonly #remote: boolean;
  readonly #anyPort: boolean;
  #requested = false;
  #listening = false;
  #failed = false;

  constructor(kind: ForwardKind, listenPort: number) {
    this.#remote = kind === "remote" || kind === "remote-dynamic";
    this.#anyPort = listenPort === 0;
  }

  read(line: string): boolean {
    if (/^Authenticated to .* using /.test(line)) this.news.authenticated = true;
    return this.#remote ? this.#readRemote(line) : this.#readLocal(line);
  }

  #readRemote(line: string): boolean {
    const allocated = /^Allocated port (\d+) for remote forward/.exec(line);
    if (allocated) {
      this.news.allocatedPort = Number(allocated[1]);
      this.news.granted = true;
    } else if (/^debug1: Remote connections from /.test(line)) this.#requested = true;
    else if (/^debug1: remote forward success for: /.test(line)) {
      if (!this.#anyPort) this.news.granted = true;
    } else if (/^debug1: remote forward failure for: /.test(line)) {
      this.news.granted = false;
      // What a person would see of it comes next.
      return false;
    } else if (/^(Warning|Error): remote port forwarding failed|Could not request remote forwarding/.test(line)) this.news.granted = false;
    // ClearAllForwardings: the session is on and nothing was asked for.
    else if (/^debug1: Entering interactive session/.test(line) && !this.#requested) this.news.granted = false;
    return this.news.granted !== undefined;
  }

  #readLocal(line: string): boolean {
    if (/^debug1: Local forwarding listening on /.test(line)) this.#listening = true;
    else if (/^Could not request local forwarding\./.test(line)) this.#failed = true;
    else if (/^debug1: Entering interactive session/.test(line)) this.news.granted = this.#listening && !this.#failed;
    if (this.#failed) this.news.granted = false;
    return this.news.granted !== undefined;
  }
}
