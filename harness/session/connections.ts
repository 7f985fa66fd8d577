/** The ssh connections that forwards share: one for each host, account, key, end of the server and set of options, kept until the server changes. */
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
    return [...Map.groupBy(shared, keyOf).values()];
  }

  /** Forwards of one group: over the connection that is open already, or over a new one. */
  async request(group: readonly ForwardToOpen[]): Promise<SharedForwards> {
    const connection = await this.#connectionFor(group[0] as ForwardToOpen);
    return connection.request(group.map(({ name, ssh }) => ({ name, ssh, spec: (sharedRequest(ssh) as SharedRequest).spec })));
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((connection) => connection[Symbol.asyncDispose]()));
  }

  async #connectionFor(forward: ForwardToOpen): Promise<SharedConnection> {
    const key = keyOf(forward);
    const known = this.#open.get(key);
    if (known?.alive) return known;
    await known?.[Symbol.asyncDispose]();
    const connection = await this.#logIn(forward, (sharedRequest(forward.ssh) as SharedRequest).options);
    this.#open.set(key, connection);
    return connection;
  }
}

function keyOf({ from, server = "", account, keyIndex = 0, certificate, to, ssh }: ForwardToOpen): string {
  return JSON.stringify([from, server, account, keyIndex, certificate ?? null, to ?? null, sharedRequest(ssh)?.options]);
}
