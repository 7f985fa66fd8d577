/** A connection that asks a server for much and keeps nothing: what it grants is taken back at once. By the `ssh2` library, which needs no process for each request. */
import type { Duplex } from "node:stream";
import type ssh2 from "ssh2";
import { formatTarget } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { listensOnServer, type Refusal } from "../core/forward-outcome.ts";
import type { SocketFile } from "../core/socket-file.ts";
import type { Host } from "../lab/host.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { wireBindAddress } from "../openssh/forward-request.ts";
import { readLog } from "../openssh/log-events.ts";
import { awaitLog } from "./await-log.ts";
import { type RefusalAsked, whyRefused } from "./describe-forward.ts";
import { ForwardListeners } from "./forward-listeners.ts";
import type { LoginOptions } from "./log-in.ts";
import { logInWithSsh2, type Ssh2Login } from "./log-in-ssh2.ts";
import type { SshServer } from "./ssh-server.ts";

/** What the server answered to a request to listen, and what the kernel says then listened. */
export interface RemoteAnswer {
  granted: boolean;
  /** `address:port`, IPv6 in brackets, sorted. */
  listeners: string[];
  refusedBy?: Refusal;
}

/** A connection that the server was asked to make for a visitor. `denied`: its policy does not let it. */
export interface Dialled {
  received: string;
  denied: boolean;
  /** The server's own words. */
  said: string;
}

/** Reason code of `SSH_MSG_CHANNEL_OPEN_FAILURE`. Source: RFC 4254, 5.1. */
const administrativelyProhibited = 1;
/** Ports of sshd's X11 displays, from X11DisplayOffset 10. Source: OpenSSH `channels.c` `x11_create_display_inet`. */
const firstX11Port = 6010;
const lastX11Port = 7000;
/** Milliseconds within which the server must answer. It reports unanswered dials much sooner. */
const answerTimeoutMs = 60_000;

export class AskConnection implements AsyncDisposable {
  readonly #server: SshServer;
  readonly #login: Ssh2Login;
  readonly #before: ForwardListeners;

  private constructor(server: SshServer, login: Ssh2Login, before: ForwardListeners) {
    this.#server = server;
    this.#login = login;
    this.#before = before;
  }

  /** Throws as `logInWithSsh2` does. */
  static async open(client: Host, server: SshServer, options: LoginOptions): Promise<AskConnection> {
    return new AskConnection(server, await logInWithSsh2(client, server, options), await ForwardListeners.before(server.host, {}));
  }

  /** What it logged in with, and sshd's settings for it. */
  get principal(): Pick<Ssh2Login, "key" | "answer"> {
    return this.#login;
  }

  /** Asks for remote forwards of ports, no two of one port. The answers are in their order. */
  async listen(requests: readonly ForwardArguments[]): Promise<RemoteAnswer[]> {
    const mark = this.#login.serverLog().length;
    const granted = await Promise.all(requests.map((request) => this.#forward("forwardIn", request)));
    const now = granted.includes(true) ? await this.#server.host.listeners() : [];
    await Promise.all(requests.filter((_, at) => granted[at]).map((request) => this.#forward("unforwardIn", request)));
    const ports = requests.map(({ listenPort }, at) => (granted[at] ? listenPort : 0));
    const listening = this.#before.ofEach(now, ports);
    return Promise.all(
      requests.map(async (ssh, at): Promise<RemoteAnswer> => {
        if (granted[at]) return { granted: true, listeners: listening[at]?.texts ?? [] };
        const refusedBy = await this.#whyRefused(ssh, mark);
        return { granted: false, listeners: [], ...(refusedBy ? { refusedBy } : {}) };
      }),
    );
  }

  /** Has the server dial a target, as a visitor of -L or -D would, and sends it this. */
  async dial({ host, port }: { host: string; port: number }, send: string): Promise<Dialled> {
    const { connection } = this.#login;
    const target = formatTarget(host, port);
    return dialled(await opened(target, (done) => connection.forwardOut("127.0.0.1", 1, host, port, done)), send, target);
  }

  /** Asks for a Unix socket; `file`: what then stood at its path. The file stays: it is the account's. */
  async listenOnPath(path: string): Promise<{ granted: boolean; file?: SocketFile }> {
    const { connection } = this.#login;
    const granted = await succeeds((done) => connection.openssh_forwardInStreamLocal(path, done));
    if (!granted) return { granted };
    const found = (await this.#server.host.unixListeners()).find((each) => each.path === path);
    await succeeds((done) => connection.openssh_unforwardInStreamLocal(path, done));
    return { granted, ...(found?.file ? { file: found.file } : {}) };
  }

  /** Has the server connect to a Unix socket, as a visitor of -L to a path would, and sends it this. Only sshd's log tells a denial from a failure. */
  async dialPath(path: string, send: string): Promise<Dialled> {
    const { connection, serverLog } = this.#login;
    const mark = serverLog().length;
    const result = await dialled(await opened(path, (done) => connection.openssh_forwardOutStreamLocal(path, done)), send, path);
    if (result.received !== "" || result.said === "") return result;
    const told = () =>
      readLog(serverLog().slice(mark)).find(
        (event) => (event.kind === "target-denied" || event.kind === "dial-failed") && "path" in event.target && event.target.path === path,
      );
    await awaitLog([this.#server], () => told() !== undefined);
    const event = told();
    return { received: "", denied: event?.kind === "target-denied", said: event?.line ?? result.said };
  }

  /** Asks for X11 forwarding, and looks at what then listens while it does. */
  async x11<T>(look: (listeners: string[]) => Promise<T>): Promise<{ granted: boolean; seen?: T }> {
    return this.#inSession({ x11: true }, async () => {
      const now = await this.#server.host.listeners();
      return look(this.#before.newIn(now, firstX11Port, lastX11Port));
    });
  }

  /** Asks for agent forwarding. */
  async agent(): Promise<{ granted: boolean }> {
    return this.#inSession({ agentForward: true }, async () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#login[Symbol.asyncDispose]();
  }

  /** A session that waits for its standard input; it is over when `work` is. */
  async #inSession<T>(options: { x11?: true; agentForward?: true }, work: () => Promise<T>): Promise<{ granted: boolean; seen?: T }> {
    const { connection } = this.#login;
    const channel = await opened(undefined, (done) => connection.exec("cat", options as ssh2.ExecOptions, done));
    if (channel instanceof Error) return { granted: false };
    try {
      return { granted: true, seen: await work() };
    } finally {
      channel.destroy();
    }
  }

  #forward(what: "forwardIn" | "unforwardIn", { request, listenPort }: ForwardArguments): Promise<boolean> {
    if (!listensOnServer(request.kind) || request.listenPath !== undefined)
      throw new Error("only ports on the server are asked for this way");
    return new Promise((resolve) => {
      this.#login.connection[what](wireBindAddress(request), listenPort, (error) => resolve(!error));
    });
  }

  /** Of lines that several requests share, those about this port. */
  #whyRefused(ssh: ForwardArguments, mark: number): Promise<Refusal | undefined> {
    const { key, answer, serverLog } = this.#login;
    const asked: RefusalAsked = { ssh, key, answer };
    return whyRefused(asked, { clientLog: () => [], serverLog: () => serverLog().slice(mark), sources: [this.#server] });
  }
}

/**
 * A channel, or the error that prevented it.
 * @param what undefined: a session
 */
async function opened(
  what: string | undefined,
  open: (done: (error: Error | undefined, channel: Duplex) => void) => void,
): Promise<Duplex | Error> {
  const { promise, resolve } = Promise.withResolvers<Duplex | Error>();
  open((error, channel) => resolve(error ?? channel));
  return answered(what, promise);
}

/** Silence says nothing about the server's settings or its firewall. */
async function answered<T>(what: string | undefined, answer: Promise<T>): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(silent(what)), answerTimeoutMs);
  try {
    return await Promise.race([answer, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function silent(what: string | undefined): UserError {
  return new UserError("ssh-silent", `sshd was asked for ${what ?? "a session"}, and did not answer within ${answerTimeoutMs / 1000} s`, {
    fault: faultOf("sshd-silent", { asked: what, seconds: answerTimeoutMs / 1000 }),
    expected: "a connection, or the reason why there is none",
    todo: "if the machine is busy, run less beside the lab; otherwise find what stops sshd or its packets",
  });
}

function succeeds(ask: (done: (error?: Error | null) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    ask((error) => resolve(!error));
  });
}

async function dialled(channel: Duplex | Error, send: string, target: string): Promise<Dialled> {
  if (!(channel instanceof Error)) return { received: await answerOf(channel, send, target), denied: false, said: "" };
  const denied = "reason" in channel && channel.reason === administrativelyProhibited;
  return { received: "", denied, said: channel.message };
}

/** All that comes back until the target closes, or its first line. */
async function answerOf(stream: Duplex, send: string, target: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = "";
  stream.on("data", (chunk: Buffer) => {
    received += chunk.toString();
    if (received.includes("\n")) resolve();
  });
  stream.once("close", resolve);
  stream.once("error", () => resolve());
  stream.write(send);
  try {
    await answered(target, promise);
  } finally {
    stream.destroy();
  }
  return received;
}
