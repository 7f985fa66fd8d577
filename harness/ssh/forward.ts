/** Opens one forward with a real ssh of its own, exactly as it was typed, and tells what became of it. */
import { type ForwardOutcome, isSocks, listensOnServer, type SettingSource, type SocksTarget } from "../core/forward-outcome.ts";
import type { Host, HostProcess } from "../lab/host.ts";
import { ForwardWatch } from "../openssh/client-log.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { sshCommand } from "../openssh/ssh-command.ts";
import type { LineSource } from "./await-log.ts";
import { describeForward, judgeTarget, whyRefused, withLogs } from "./describe-forward.ts";
import { ForwardListeners } from "./forward-listeners.ts";
import { type LoginOptions, logIn } from "./log-in.ts";
import type { SshServer } from "./ssh-server.ts";

export interface ForwardOptions extends LoginOptions {
  name: string;
  /** As `parseForwardArguments` gave it. */
  ssh: ForwardArguments;
}

/** What the server, or ssh, said of it. */
export type ForwardAnswer = Pick<ForwardOutcome, "granted" | "listeners" | "refusedBy" | "socksTargets">;

export interface OpenForward extends AsyncDisposable {
  /** What became of it. The logs in it are those up to now. */
  readonly outcome: ForwardOutcome;
  /** Of it what needs no log. */
  readonly answer: ForwardAnswer;
  /** Port that really listens: the one asked for, or the one that the server chose; 0 when none, as for a Unix socket. */
  readonly port: number;
  /** Client's address as the server saw it; "" when it is not known. */
  readonly clientAddress: string;
  /** The ssh that holds this forward and no other one; undefined for `ssh2`, and where forwards share an ssh. */
  readonly process: HostProcess | undefined;
  /** Where the lines of `outcome`'s logs come from. */
  readonly logs: readonly LineSource[];
  /** sshd's setting for this login, as `sshd -T` prints it; undefined for other software, and where forwards share an ssh. */
  settings?(keyword: string): SettingSource;
  /** Of a SOCKS forward: what a visitor may ask it for, with what turns that down. */
  judgeTarget?(target: { host: string; port: number }): SocksTarget;
}

/**
 * Runs ssh in `client` and resolves when ssh itself has said whether the forward stands (`outcome.granted`); a refusal is a result, not an error.
 * Disposal ends ssh and waits until its listeners are gone (5 s at most: a server that lost its client keeps them). Throws as `logIn` does.
 */
export async function openForward(client: Host, server: SshServer, options: ForwardOptions): Promise<OpenForward> {
  const { ssh } = options;
  const { request } = ssh;
  const listeningHost = listensOnServer(request.kind) ? server.host : client;
  const watch = new ForwardWatch(request.kind, request.listenPort);

  await using opening = new AsyncDisposableStack();
  const before = ForwardListeners.before(listeningHost, request);
  opening.defer(async () => void (await (await before).gone()));
  const login = opening.use(
    await logIn(client, server, ssh.serverPort === undefined ? options : { ...options, targetPort: ssh.serverPort }, {
      command: (to) => sshCommand(ssh, to),
      watch,
      typed: ssh.text,
      before,
    }),
  );
  const listeners = await before;
  const { key, answer, software, hopLimits, clientLog, serverLog } = login;
  const logs = { clientLog, serverLog, sources: [login.process, server] };
  const granted = watch.news.granted === true;
  const port = granted ? (watch.news.allocatedPort ?? Math.max(request.listenPort, 0)) : 0;
  if (granted) await listeners.read(port);
  const asked = { ssh, key, answer, ...(software ? { software } : {}) };
  const base = describeForward({ ...options, ...asked, hopLimits, client, server: server.host, listeningHost, granted, listeners });
  if (watch.news.answered) base.serverAnswer = granted ? "granted" : "refused";
  if (watch.news.allocatedPort !== undefined) base.allocatedPort = watch.news.allocatedPort;
  if (!granted) base.refusedBy = await whyRefused(asked, logs);
  opening.move();
  return {
    answer: base,
    port,
    clientAddress: login.clientAddress,
    process: login.process,
    logs: logs.sources,
    ...(software === undefined ? { settings: (keyword: string) => answer.source(keyword) } : {}),
    ...(isSocks(request.kind) ? { judgeTarget: (target: { host: string; port: number }) => judgeTarget(asked, target) } : {}),
    get outcome() {
      return withLogs(base, asked, logs);
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([login[Symbol.asyncDispose](), listeners.gone()])),
  };
}
