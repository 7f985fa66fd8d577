/** One real ssh connection that carries forwards asked for through its control socket. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Host } from "../lab/host.ts";
import { readLog } from "../openssh/log-events.ts";
import { loginLasts } from "../openssh/login-key.ts";
import { controlCommand, dialCommand, MasterWatch, masterArguments } from "../openssh/shared-connection.ts";
import { remoteAnswer, SharedLog } from "../openssh/shared-log.ts";
import { sshCommand } from "../openssh/ssh-command.ts";
import type { Dialled } from "./ask-connection.ts";
import { awaitLog } from "./await-log.ts";
import { describeForward } from "./describe-forward.ts";
import { ForwardListeners } from "./forward-listeners.ts";
import { type Login, type LoginOptions, logIn } from "./log-in.ts";
import { loggedForward, type Mark, SharedForward, type SharedLogs, type SharedRequest } from "./shared-forward.ts";
import type { AccountKey, EffectiveAnswer, SshServer } from "./ssh-server.ts";

/** Forwards that were asked for at once. Disposing takes back, at once, those that were granted, and waits until their listeners are gone. */
export interface SharedForwards extends AsyncDisposable {
  /** In the order in which they were asked for. Disposing one takes back that one. */
  readonly forwards: readonly SharedForward[];
}

/** Milliseconds until the server must have answered for all forwards asked for at once. */
const answerTimeoutMs = 60_000;

export class SharedConnection implements AsyncDisposable {
  readonly #client: Host;
  readonly #server: SshServer;
  readonly #options: LoginOptions;
  readonly #login: Login;
  readonly #loginLines: Mark;
  readonly #ended: Promise<void>;
  #alive = true;

  private constructor(client: Host, server: SshServer, options: LoginOptions, login: Login) {
    this.#client = client;
    this.#server = server;
    this.#options = options;
    this.#login = login;
    this.#loginLines = this.#mark();
    this.#ended = login.process.exited
      .then(() => undefined)
      .finally(() => {
        this.#alive = false;
      });
    this.#ended.catch(() => undefined);
  }

  /** Logs in. `words`: ssh's options, as `sharedRequest` gives them. Throws as `logIn` does. */
  static async open(client: Host, server: SshServer, words: readonly string[], options: LoginOptions): Promise<SharedConnection> {
    const login = await logIn(client, server, options, {
      command: (to, folder) =>
        sshCommand({ argv: masterArguments(words, controlPath(folder)), noCommand: true, serverPort: undefined }, to),
      watch: new MasterWatch(),
      typed: words.join(" "),
    });
    return new SharedConnection(client, server, options, login);
  }

  /** False once either side has ended the connection. */
  get alive(): boolean {
    return this.#alive;
  }

  /** A later login would come out alike as long as the server's files stay as they are. */
  get lasts(): boolean {
    const { key, answer } = this.#login;
    return this.#alive && loginLasts(key, answer.settings);
  }

  /**
   * Asks for all of them, in this order; no two may listen on the same port. A refusal is a result; its reason is told where
   * settings tell it: of the lines of sshd's log that would, most do not say which forward they are about.
   * @throws UserError `ssh-ended` when the connection ends before all are answered
   */
  async request(requests: readonly SharedRequest[]): Promise<SharedForwards> {
    const { host } = this.#server;
    const { process, answer, key, clientAddress, software, hopLimits } = this.#login;
    const before = await ForwardListeners.before(host, {});
    const all = requests.map(({ ssh }) => loggedForward(ssh));
    const [{ clientLog: client, serverLog: server }, mark] = [this.#login, this.#mark()];
    const logs: SharedLogs = {
      client,
      server,
      login: this.#loginLines,
      request: mark,
      clientLines: SharedLog.ofClient(all, (from) => client(mark.client + from)),
      serverLines: SharedLog.ofServer(all, (from) => server(mark.server + from)),
      sources: [process, this.#server],
    };
    // While others wait for the lab: there may be thousands of lines.
    const stops = [process.onLine(() => logs.clientLines.catchUp()), this.#server.onLine(() => logs.serverLines.catchUp())];
    const [granted] = await Promise.all([this.#answers(requests, logs.request), this.#control("forward", requests)]);
    const now = await host.listeners();
    const ports = requests.map(({ ssh }, index) => (granted[index] ? ssh.listenPort : 0));
    const listening = before.ofEach(now, ports);
    const takeBack = (forwards: readonly SharedForward[]) => this.#takeBack(forwards, listening);
    const facts = { account: this.#options.account, client: this.#client, server: host, listeningHost: host, hopLimits };
    const forwards = requests.map((request, index) => {
      const asked = { ssh: request.ssh, key, answer, ...(software ? { software } : {}) };
      const listeners = listening[index] as ForwardListeners;
      const base = describeForward({ ...facts, ...asked, name: request.name, granted: granted[index] === true, listeners });
      return new SharedForward(request, { base, asked, logs, clientAddress, mark: () => this.#mark(), takeBack: (one) => takeBack([one]) });
    });
    return {
      forwards,
      [Symbol.asyncDispose]: () => {
        for (const stop of stops) stop();
        return takeBack(forwards);
      },
    };
  }

  /** What it logged in with, and sshd's settings for it. */
  get principal(): { key: AccountKey; answer: EffectiveAnswer } {
    const { key, answer } = this.#login;
    return { key, answer };
  }

  /** Has sshd dial a target, as a visitor of -L or -D would, and sends it this. One after the other: ssh's log does not say whose channel failed. */
  async dial(target: { host: string; port: number }, send: string): Promise<Dialled> {
    const { user } = this.#options;
    const mark = this.#login.clientLog().length;
    const command = dialCommand(controlPath(this.#login.folder), target);
    const run = await this.#client.run(command, { input: send, ...(user === undefined ? {} : { user }), timeoutMs: answerTimeoutMs });
    const failure = () => readLog(this.#login.clientLog().slice(mark)).find((event) => event.kind === "channel-refused");
    if (run.code !== 0) await awaitLog([this.#login.process], () => failure() !== undefined);
    const refused = failure();
    return {
      received: run.stdout,
      denied: refused?.kind === "channel-refused" && refused.prohibited,
      said: refused?.line ?? run.stderr.trim(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#login[Symbol.asyncDispose]();
  }

  async #takeBack(forwards: readonly SharedForward[], listening: readonly ForwardListeners[]): Promise<void> {
    const standing = forwards.filter((forward) => forward.end());
    if (standing.length === 0) return;
    if (this.#alive)
      await this.#control(
        "cancel",
        standing.map(({ request }) => request),
      );
    const ports = new Set(standing.map(({ port }) => port));
    await ForwardListeners.allGone(listening.filter((each) => each.ports.some((port) => ports.has(port))));
  }

  /** Whether each was granted, in their order, as soon as ssh has said so of all. */
  async #answers(requests: readonly SharedRequest[], from: Mark): Promise<boolean[]> {
    const { process } = this.#login;
    const found: boolean[] = [];
    const done = Promise.withResolvers<void>();
    let at = from.client;
    const read = () => {
      while (at < process.log.length) {
        const answer = remoteAnswer(process.log[at++] ?? "");
        if (answer) found.push(answer.granted);
      }
      if (found.length >= requests.length) done.resolve();
    };
    const stop = process.onLine(read);
    this.#ended.then(() => done.reject(this.#gone(requests, true)), done.reject);
    const timer = setTimeout(() => done.reject(this.#gone(requests, false)), answerTimeoutMs);
    try {
      await done.promise;
    } finally {
      stop();
      clearTimeout(timer);
    }
    return found;
  }

  /** Its exit status says no more than the answers: it is 255 as soon as one forward is refused. */
  async #control(what: "forward" | "cancel", requests: readonly SharedRequest[]): Promise<void> {
    const { user } = this.#options;
    const command = controlCommand(
      controlPath(this.#login.folder),
      what,
      requests.map(({ spec }) => spec),
    );
    await this.#client.run(command, { ...(user === undefined ? {} : { user }), timeoutMs: answerTimeoutMs });
  }

  #mark(): Mark {
    return { client: this.#login.clientLog().length, server: this.#login.serverLog().length };
  }

  #gone(requests: readonly SharedRequest[], ended: boolean): UserError {
    const what = ended ? "the connection ended before the server had answered" : "the server did not answer";
    return new UserError("ssh-ended", `${what}: ssh as ${this.#options.account}`, {
      fault: faultOf("ssh-connection-gone", { account: this.#options.account, ended }),
      found: requests.map(({ ssh }) => ssh.text).join(", "),
      log: [...this.#login.clientLog().slice(-15), ...this.#login.serverLog().slice(-15)].join("\n"),
    });
  }
}

function controlPath(folder: string): string {
  return `${folder}/control`;
}
