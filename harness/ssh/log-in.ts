/** Runs the real ssh until its login has succeeded and it has said what is waited for. */

import { randomUUID } from "node:crypto";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Host, HostProcess } from "../lab/host.ts";
import { connected, localEndOf, loginAddress, otherSoftware, peerAddress } from "../openssh/client-log.ts";
import type { HopLimits } from "../openssh/idle-limits.ts";
import { loginError, loginReason } from "../openssh/login-failure.ts";
import type { Destination } from "../openssh/ssh-command.ts";
import { awaitLog } from "./await-log.ts";
import { chooseKey } from "./choose-key.ts";
import { followSsh } from "./follow-ssh.ts";
import { type JumpServer, JumpWay } from "./jump-login.ts";
import type { AccountKey, EffectiveAnswer, SshServer } from "./ssh-server.ts";

export interface LoginOptions {
  /** Account on the server. */
  account: string;
  /** Which of the account's logins by a line of its files; default 0. */
  keyIndex?: number;
  /** Instead: the certificate of the user's to log in with, by its file. */
  certificate?: string;
  /** Address of the server that ssh connects to. */
  targetAddress: string;
  /** Port that ssh connects to, also where ssh's arguments name it. Left out: sshd's own. */
  targetPort?: number;
  /** The server's end of the connection as sshd sees it, where a router translates it. Left out: the address and port that ssh connects to. */
  local?: { address: string; port: number };
  /** Client's address as the server will see it; default: read from sshd's log after the login. */
  clientAddress?: string;
  /** Account on the client host that runs ssh. Default root. */
  user?: string;
  /** Milliseconds until ssh must have said what is waited for. Default 30,000. */
  timeoutMs?: number;
  /** Through jump hosts: the servers on the way, and whom the last of them is asked for. */
  jump?: { servers: readonly JumpServer[]; destination: string };
  /**
   * Asked when ssh gets no connection: rejects when it knows what keeps the client from sshd, or from the first jump host; with `patienceMs` also when
   * that says nothing for so long.
   */
  findObstacle?: (patienceMs?: number) => Promise<void>;
}

/** What is waited for, as ssh's log tells it. */
export interface LoginWatch {
  read(line: string): boolean;
  readonly news: { authenticated: boolean; granted: boolean | undefined };
}

/** All lines so far, or those from one on. */
export type LogReader = (from?: number, to?: number) => string[];

/** A running ssh that has logged in. Disposing it ends it. */
export interface Login extends AsyncDisposable {
  readonly process: HostProcess;
  readonly key: AccountKey;
  /** On the client host, for files of this ssh; goes with it. */
  readonly folder: string;
  /** Client's address as the server saw it; "" when it is not known. */
  readonly clientAddress: string;
  /** What the server calls itself, where that is not OpenSSH. */
  readonly software: string | undefined;
  /** sshd's settings for this login. */
  readonly answer: EffectiveAnswer;
  /** What the jump hosts on its way close because nobody uses it. */
  readonly hopLimits: readonly HopLimits[];
  readonly clientLog: LogReader;
  /** sshd's log since this ssh was started. */
  readonly serverLog: LogReader;
}

/**
 * @param command ssh's command line, for the files that the lab puts beside it
 * @param typed the arguments as the user typed them, for errors
 * @param before what has to be done before ssh runs
 * @throws UserError `ssh-connect` when ssh gets no connection, `ssh-login` when the login fails, `ssh-ended` when ssh ends after it for another
 * reason, `ssh-timeout` when ssh says nothing in time
 */
export async function logIn(
  client: Host,
  server: SshServer,
  options: LoginOptions,
  {
    command,
    watch,
    typed,
    before,
  }: { command: (to: Destination, folder: string) => string[]; watch: LoginWatch; typed: string; before?: Promise<unknown> },
): Promise<Login> {
  const { account, targetAddress } = options;
  const key = chooseKey(server, options);
  const folder = `/run/forwardlab-client/${randomUUID()}`;
  const [keyFile, knownHostsFile] = [`${folder}/key`, `${folder}/known_hosts`];
  const way = options.jump && new JumpWay(options.jump.servers, folder);
  await using running = new AsyncDisposableStack();
  const written = client.writeFiles({
    // ssh only minds the mode of a key that belongs to the account running it.
    [keyFile]: { content: key.key.privateKey, mode: options.user === undefined ? 0o600 : 0o644 },
    // ssh looks for a key's certificate beside it.
    ...(key.certificate ? { [`${keyFile}-cert.pub`]: { content: `${key.certificate.text}\n`, mode: 0o644 } } : {}),
    [knownHostsFile]: { content: server.knownHosts },
    ...way?.files(),
  });
  running.defer(() => client.remove([folder]));
  await Promise.all([written, before]);
  const mark = server.log().length;
  const serverLog: LogReader = (from = 0, to) => server.log(mark + from, to === undefined ? undefined : mark + to);
  const to = {
    account,
    address: options.jump?.destination ?? targetAddress,
    port: options.targetPort ?? server.port,
    keyFile,
    knownHostsFile,
    ...(way ? { configFile: way.configFile } : {}),
  };
  const process = running.use(await client.spawn(command(to, folder), { user: options.user }));
  const clientLog: LogReader = (from, to) => process.log.slice(from, to);
  const settingsFrom = (addr: string) => {
    // The last jump host looks up the name, and connects to whichever of its addresses it gets to.
    const local = options.jump && localEndOf(serverLog(), addr);
    return server.effectiveFor(account, { addr, ...localEnd(local ? { ...options, local } : options, server) });
  };

  const unconnected = async () => {
    if (connected(clientLog())) return;
    await (way ? way.findObstacle(options.findObstacle, process.exited) : options.findObstacle?.());
  };
  const how = await followSsh(process, { read: (line) => watch.read(line), timeoutMs: options.timeoutMs ?? 30_000, unconnected });
  if (how === "ended" && watch.news.granted === undefined) {
    if (watch.news.authenticated) throw endedAfterLogin(account, typed, clientLog(), serverLog());
    await unconnected();
    if (way && !connected(clientLog())) throw await way.failure(clientLog());
    await awaitLog([server], () => loginReason(serverLog(), account) !== undefined);
    const addr = peerAddress(serverLog()) ?? targetAddress;
    throw loginError({
      source: (await settingsFrom(addr)).source,
      account,
      address: targetAddress,
      key,
      keyCount: server.keysFor(account).length,
      clientLog: clientLog(),
      serverLog: serverLog(),
      otherPort: otherPort(options, server),
    });
  }
  const software = otherSoftware(clientLog());
  const clientAddress = options.clientAddress ?? (software === undefined ? await acceptedFrom(server, account, serverLog) : "");
  const [answer, hopLimits] = await Promise.all([settingsFrom(clientAddress || targetAddress), way?.idleLimits() ?? []]);
  running.move();
  // What it needs of its files, it has read.
  const dispose = async () => void (await Promise.all([process[Symbol.asyncDispose](), client.remove([folder])]));
  return { process, key, folder, clientAddress, software, answer, hopLimits, clientLog, serverLog, [Symbol.asyncDispose]: dispose };
}

/** Set if ssh uses a port on which it cannot reach sshd, for example one that a router missing from the policy publishes. */
function otherPort({ targetPort, local }: LoginOptions, server: SshServer): { told: number; listening: number[] } | undefined {
  const listening = [...new Set(server.listening.map(({ port }) => port))];
  if (targetPort === undefined || listening.length === 0 || listening.includes(local?.port ?? targetPort)) return undefined;
  return { told: targetPort, listening };
}

/** The server's end of the connection, for `Match LocalAddress` and `LocalPort`. */
export function localEnd({ targetAddress, targetPort, local }: LoginOptions, server: SshServer): { laddr: string; lport: number } {
  return { laddr: local?.address ?? targetAddress, lport: local?.port ?? targetPort ?? server.port };
}

/** Client's address of the last login of this account that sshd logged; "" when there is none. */
export async function acceptedFrom(server: SshServer, account: string, serverLog: () => readonly string[]): Promise<string> {
  const find = () => loginAddress(serverLog(), account);
  await awaitLog([server], () => find() !== undefined);
  return find() ?? "";
}

function endedAfterLogin(account: string, typed: string, clientLog: readonly string[], serverLog: readonly string[]): UserError {
  const last = clientLog.filter((line) => line !== "" && !line.startsWith("debug")).at(-1);
  return new UserError("ssh-ended", `ssh exited right after ${account} logged in: ${last ?? "no reason given"}`, {
    fault: faultOf("ssh-ended", { account, said: last }),
    found: typed,
    log: [...clientLog.slice(-15), ...serverLog.slice(-15)].join("\n"),
  });
}
