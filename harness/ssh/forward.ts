/** Opens one forward with the real ssh, exactly as it was typed, and tells what became of it. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { type ForwardOutcome, listensOnServer, type Refusal } from "../core/forward-outcome.ts";
import type { Host, HostProcess } from "../lab/host.ts";
import { connected, ForwardWatch, loginAddress, otherSoftware, peerAddress } from "../openssh/client-log.ts";
import { failedDials } from "../openssh/failed-dials.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { ForwardRequest } from "../openssh/forward-request.ts";
import { keywordsFor } from "../openssh/forwarding-settings.ts";
import { loginError, loginReason } from "../openssh/login-failure.ts";
import { explainClosed, explainRefusal, type RefusalFacts } from "../openssh/refusal.ts";
import { sshCommand } from "../openssh/ssh-command.ts";
import { ForwardListeners } from "./forward-listeners.ts";
import type { AccountKey, EffectiveAnswer, SshServer } from "./ssh-server.ts";

export interface ForwardOptions {
  name: string;
  /** Account on the server. */
  account: string;
  /** As `parseForwardArguments` gave it. */
  ssh: ForwardArguments;
  /** Address of the server that ssh connects to. */
  targetAddress: string;
  /** Where a router publishes sshd on another port. Left out: sshd's own. */
  targetPort?: number;
  /** The server's end of the connection as sshd sees it, where a router translates it. Left out: the address and port that ssh connects to. */
  local?: { address: string; port: number };
  /** Client's address as the server will see it; default: read from sshd's log after the login. */
  clientAddress?: string;
  /** Which of the account's key lines; default 0. */
  keyIndex?: number;
  /** Account on the client host that runs ssh. Default root. */
  user?: string;
  /** Milliseconds until ssh must have said what became of the forward. Default 30,000. */
  timeoutMs?: number;
  /** Asked when ssh gets no connection: rejects when it knows what keeps the client from sshd. */
  findObstacle?: () => Promise<void>;
}

export interface OpenForward extends AsyncDisposable {
  /** What became of it. The logs in it are those up to now. */
  readonly outcome: ForwardOutcome;
  /** Port that really listens: the one asked for, or the one that the server chose; 0 when none, as for a Unix socket. */
  readonly port: number;
  /** Client's address as the server saw it; "" when it is not known. */
  readonly clientAddress: string;
  /** The client's process; undefined for `ssh2`. */
  readonly process: HostProcess | undefined;
}

/**
 * Runs ssh in `client` and resolves when ssh itself has said whether the forward stands (`outcome.granted`); a refusal is a result, not an error.
 * Disposal ends ssh and waits until its listeners are gone (5 s at most: a server that lost its client keeps them).
 * Throws UserError `ssh-connect` when ssh gets no connection, `ssh-login` when the login fails, `ssh-ended` when ssh ends after it for another reason, `ssh-timeout` when ssh says nothing in time.
 */
export async function openForward(client: Host, server: SshServer, options: ForwardOptions): Promise<OpenForward> {
  const { account, ssh, targetAddress } = options;
  const { request } = ssh;
  const local = localEnd(options, server);
  const key = chooseKey(server, options);
  const listeningHost = listensOnServer(request.kind) ? server.host : client;
  const folder = `/run/forwardlab-client/${randomUUID()}`;
  const command = sshCommand(ssh, {
    account,
    address: targetAddress,
    port: options.targetPort ?? server.port,
    keyFile: `${folder}/key`,
    knownHostsFile: `${folder}/known_hosts`,
  });

  await using opening = new AsyncDisposableStack();
  const [listeners] = await Promise.all([
    ForwardListeners.before(listeningHost, request),
    client.writeFiles({
      // ssh only minds the mode of a key that belongs to the account running it.
      [`${folder}/key`]: { content: key.key.privateKey, mode: options.user === undefined ? 0o600 : 0o644 },
      [`${folder}/known_hosts`]: { content: server.knownHosts },
    }),
  ]);
  opening.defer(() => client.remove([folder]));
  const mark = server.log().length;
  const process = await client.spawn(command, { user: options.user });
  opening.defer(async () => {
    await process[Symbol.asyncDispose]();
    await listeners.gone();
  });
  const clientLog = () => process.lines.map((line) => line.text);
  const serverLog = () => server.log().slice(mark);

  const watch = new ForwardWatch(request.kind, request.listenPort);
  const unconnected = async () => (connected(clientLog()) ? undefined : options.findObstacle?.());
  const ended = await follow(process, watch, options.timeoutMs ?? 30_000, clientLog, unconnected);
  if (ended && watch.news.granted === undefined) {
    if (watch.news.authenticated)
      throw new UserError("ssh-ended", `ssh ended right after the login of ${account}: ${lastWords(clientLog())}`, {
        found: ssh.text,
        log: [...clientLog().slice(-15), ...serverLog().slice(-15)].join("\n"),
      });
    await unconnected();
    await waitForServerLog(() => loginReason(serverLog(), account) !== undefined);
    const addr = peerAddress(serverLog()) ?? targetAddress;
    const login = await server.effectiveFor(account, { addr, ...local });
    throw loginError({
      source: login.source,
      account,
      address: targetAddress,
      key,
      keyCount: server.keysFor(account).length,
      clientLog: clientLog(),
      serverLog: serverLog(),
    });
  }
  const granted = watch.news.granted === true;
  const software = otherSoftware(clientLog());
  const clientAddress = options.clientAddress ?? (software === undefined ? await acceptedFrom(account, serverLog) : "");
  const port = granted ? (watch.news.allocatedPort ?? Math.max(request.listenPort, 0)) : 0;
  const [, answer] = await Promise.all([
    granted ? listeners.read(port) : undefined,
    server.effectiveFor(account, { addr: clientAddress || targetAddress, ...local }),
  ]);
  const base = describe(options, client, listeningHost, key, answer, granted, listeners, software);
  if (watch.news.answered) base.serverAnswer = granted ? "granted" : "refused";
  if (watch.news.allocatedPort !== undefined) base.allocatedPort = watch.news.allocatedPort;
  if (!granted) base.refusedBy = await whyNot(options, software, () => findRefusal(request, key, answer, clientLog, serverLog));
  const held = opening.move();
  return {
    port,
    clientAddress,
    process,
    get outcome() {
      return withLogs(base, { request, settings: answer.source, key: keyLine(key), clientLog: clientLog(), serverLog: serverLog() });
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The server's end of the connection, for `Match LocalAddress` and `LocalPort`. */
export function localEnd({ ssh, targetAddress, local }: ForwardOptions, server: SshServer): { laddr: string; lport: number } {
  return { laddr: local?.address ?? targetAddress, lport: local?.port ?? ssh.serverPort ?? server.port };
}

/** The key line that a forward logs in with. Throws UserError `ssh-account` or `ssh-login`. */
export function chooseKey(server: SshServer, options: Pick<ForwardOptions, "account" | "keyIndex">): AccountKey {
  const keys = server.keysFor(options.account);
  const key = keys[options.keyIndex ?? 0];
  if (key) return key;
  throw new UserError("ssh-login", `account ${options.account} has no key ${(options.keyIndex ?? 0) + 1} that sshd accepts`, {
    found: `${keys.length} usable key lines`,
    log: server.keyNotesFor(options.account).join("\n"),
  });
}

/** Why the forward does not stand, as soon as the logs or the settings tell; undefined when they do not. */
export async function findRefusal(
  request: ForwardRequest,
  key: AccountKey,
  answer: EffectiveAnswer,
  clientLog: () => readonly string[],
  serverLog: () => readonly string[],
): Promise<Refusal | undefined> {
  const why = () =>
    explainRefusal({
      request,
      settings: answer.source,
      key: keyLine(key),
      clientLog: clientLog(),
      serverLog: serverLog(),
    });
  await waitForServerLog(() => why() !== undefined);
  return why();
}

/** ssh's own reason first, then that of a server whose settings are not sshd's. */
async function whyNot(
  { ssh }: ForwardOptions,
  software: string | undefined,
  find: () => Promise<Refusal | undefined>,
): Promise<Refusal | undefined> {
  if (ssh.clearAllForwardings)
    return { layer: "client", code: "clear-all-forwardings", params: {}, text: "ssh's own ClearAllForwardings=yes" };
  if (software !== undefined && listensOnServer(ssh.request.kind))
    return { layer: "sshd-policy", code: "other-software", params: { software }, text: `${software} refused it, and gives no reason` };
  return find();
}

function keyLine({ options, place }: AccountKey): { options: string; file?: string; line?: number } {
  return { options, ...place };
}

/** The outcome as both logs tell it by now. */
export function withLogs(base: ForwardOutcome, facts: RefusalFacts): ForwardOutcome {
  const { clientLog, serverLog, request } = facts;
  const dials = failedDials(request.kind, clientLog, serverLog);
  const closedBy = base.granted ? explainClosed(facts, dials) : undefined;
  const prohibited = dials.some(({ by, error }) => by === "sshd" && error === "prohibited");
  return {
    ...base,
    failedDials: dials,
    ...(prohibited ? { serverAnswer: "refused" } : {}),
    ...(closedBy ? { closedBy } : {}),
    clientLog: clientLog.join("\n"),
    serverLog: serverLog.join("\n"),
  };
}

/** The outcome without what the logs tell. */
export function describe(
  options: ForwardOptions,
  client: Host,
  listeningHost: Host,
  key: AccountKey,
  answer: EffectiveAnswer,
  granted: boolean,
  listeners: ForwardListeners,
  software?: string,
): ForwardOutcome {
  const { request } = options.ssh;
  const file = listeners.socket?.file;
  const effective = software === undefined ? keywordsFor(request).map((keyword) => answer.source(keyword)) : [];
  return {
    name: options.name,
    from: client.name,
    account: options.account,
    ssh: options.ssh.text,
    kind: request.kind,
    requested: options.ssh.requested,
    granted,
    effective,
    elsewhere: answer.elsewhere(effective),
    failedDials: [],
    ...(software === undefined ? {} : { software }),
    keyOptions: key.options,
    listensOn: listeningHost.name,
    listeners: listeners.texts,
    ...(request.listenPath === undefined ? {} : { socket: { path: request.listenPath, ...(file ? { file } : {}) } }),
    clientLog: "",
    serverLog: "",
  };
}

/** Milliseconds in which ssh connects to any sshd that can be reached; later, what keeps it from there is looked for. */
const connectMs = 500;

/** Resolves with false once the watch is satisfied, with true when ssh ended (or, with -f, its child fell silent) before that. */
async function follow(
  process: HostProcess,
  watch: ForwardWatch,
  timeoutMs: number,
  clientLog: () => string[],
  unconnected: () => Promise<void>,
): Promise<boolean> {
  let read = 0;
  const catchUp = () => {
    for (const line of clientLog().slice(read)) {
      read++;
      if (watch.read(line)) return true;
    }
    return false;
  };
  const deadline = Date.now() + timeoutMs;
  const controller = new AbortController();
  const late = sleep(timeoutMs, "late" as const, { signal: controller.signal }).catch(() => "late" as const);
  try {
    const news = process
      .waitForLine(() => catchUp() || undefined)
      .then(
        () => "said" as const,
        () => "ended" as const,
      );
    const stalled = sleep(connectMs, undefined, { signal: controller.signal }).then(unconnected, () => undefined);
    const what = await Promise.race([news, late, stalled.then(() => Promise.race([news, late]))]);
    if (what === "said") return false;
    if (what === "ended") {
      const { code } = await process.exited;
      if (catchUp()) return false;
      // `ssh -f` goes on in the background: its child still writes to the same standard error.
      if (code !== 0) return true;
      while (Date.now() < deadline) {
        if (catchUp()) return false;
        await sleep(10);
      }
    }
  } finally {
    controller.abort();
  }
  throw new UserError("ssh-timeout", `ssh did not say within ${timeoutMs / 1000} s whether the forward stands`, {
    log: clientLog().slice(-20).join("\n"),
    todo: "look at the log: can the client reach the server's address at all?",
  });
}

/** sshd's log comes over another stream than ssh's: gives it a moment. Milliseconds. */
const serverLogLagMs = 300;

export async function waitForServerLog(done: () => boolean): Promise<void> {
  for (const end = Date.now() + serverLogLagMs; !done() && Date.now() < end; ) await sleep(5);
}

/** Client's address of the last login of this account that sshd logged; "" when there is none. */
export async function acceptedFrom(account: string, serverLog: () => readonly string[]): Promise<string> {
  const find = () => loginAddress(serverLog(), account);
  await waitForServerLog(() => find() !== undefined);
  return find() ?? "";
}

function lastWords(log: readonly string[]): string {
  return log.filter((line) => line !== "" && !line.startsWith("debug")).at(-1) ?? "it gave no reason";
}
