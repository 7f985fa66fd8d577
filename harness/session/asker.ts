/** Who asks a server for much and keeps nothing. */
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { sharedRequest } from "../openssh/shared-connection.ts";
import type { AskConnection, Dialled, RemoteAnswer } from "../ssh/ask-connection.ts";
import type { SharedConnection } from "../ssh/shared-connection.ts";

export type Asker = Pick<AskConnection, "principal" | "listen" | "dial" | "dialPath" | typeof Symbol.asyncDispose>;

/** Over the control socket of a real ssh. */
export class SharedAsker implements Asker {
  readonly #connection: SharedConnection;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: SharedConnection) {
    this.#connection = connection;
  }

  get principal(): AskConnection["principal"] {
    return this.#connection.principal;
  }

  async listen(requests: readonly ForwardArguments[]): Promise<RemoteAnswer[]> {
    const specs = requests.map((ssh, at) => ({ name: String(at), ssh, spec: sharedRequest(ssh)?.spec ?? "" }));
    await using opened = await this.#connection.request(specs);
    return Promise.all(
      opened.forwards.map(async (forward): Promise<RemoteAnswer> => {
        const refusedBy = await forward.whyRefused();
        const { granted, listeners } = forward.answer;
        return { granted, listeners, ...(refusedBy ? { refusedBy } : {}) };
      }),
    );
  }

  /** One at a time: ssh's log does not say whose channel failed. */
  dial(target: { host: string; port: number }, send: string): Promise<Dialled> {
    const dialled = this.#turn.then(() => this.#connection.dial(target, send));
    this.#turn = dialled.catch(() => undefined);
    return dialled;
  }

  /** The control socket carries no such request. */
  async dialPath(): Promise<Dialled> {
    return { received: "", denied: false, said: "not asked: ssh's control socket carries no request for a path" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}
