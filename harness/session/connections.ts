/** The ssh connections that forwards share: one for each host, account, key, end of the server and set of options, kept until a server changes. */
import { type SharedRequest, sharedRequest } from "../openssh/shared-connection.ts";
import type { SharedConnection, SharedForwards } from "../ssh/shared-connection.ts";
import type { ForwardToOpen } from "./forward-handle.ts";

export class Connections {
  readonly #logIn: (forward: ForwardToOpen, options: readonly string[]) => Promise<SharedConnection>;
  readonly #open = new Map<string, SharedConnection>();

  /** `logIn`: opens a connection that suits a forward, with ssh's options as typed. */
  constructor(logIn: (forward: ForwardToOpen, options: readonly string[]) => Promise<SharedConnection>) {
    this.#logIn = logIn;
  }

  /** Those that may share a connection, by connection, in their order. */
  group<T extends ForwardToOpen>(forwards: readonly T[]): T[][] {
    const shared = forwards.filter(({ ssh }) => sharedRequest(ssh) !== undefined);
    return [...Map.groupBy(shared, connectionKey).values()];
  }

  /** Forwards of one group: over the connection that is open already, or over a new one. */
  async request(group: readonly ForwardToOpen[]): Promise<SharedForwards> {
    const connection = await this.#connectionFor(group[0] as ForwardToOpen);
    return connection.request(group.map(({ name, ssh }) => ({ name, ssh, spec: (sharedRequest(ssh) as SharedRequest).spec })));
  }

  close(): Promise<void> {
    return this.#close(() => true);
  }

  /** Those that might not be granted again, or that sshd ends by itself: what comes next is to be as if the lab had just started. */
  closeTransient(): Promise<void> {
    return this.#close(({ lasts }) => !lasts);
  }

  async #close(which: (connection: SharedConnection) => boolean): Promise<void> {
    const chosen = [...this.#open].filter(([, connection]) => which(connection));
    for (const [key] of chosen) this.#open.delete(key);
    await Promise.all(chosen.map(([, connection]) => connection[Symbol.asyncDispose]()));
  }

  async #connectionFor(forward: ForwardToOpen): Promise<SharedConnection> {
    const key = connectionKey(forward);
    const known = this.#open.get(key);
    if (known?.alive) return known;
    await known?.[Symbol.asyncDispose]();
    const connection = await this.#logIn(forward, (sharedRequest(forward.ssh) as SharedRequest).options);
    this.#open.set(key, connection);
    return connection;
  }
}

/** Equal for forwards that share a connection. */
export function connectionKey({ from, server = "", account, keyIndex = 0, certificate, to, ssh }: ForwardToOpen): string {
  return JSON.stringify([from, server, account, keyIndex, certificate ?? null, to ?? null, sharedRequest(ssh)?.options]);
}
