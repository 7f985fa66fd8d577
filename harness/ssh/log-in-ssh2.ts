/** A login by an independent client, the `ssh2` library, over a stream dialled from the client host. */
import ssh2 from "ssh2";
import type { Host } from "../lab/host.ts";
import { peerAddress } from "../openssh/client-log.ts";
import { loginError, loginReason } from "../openssh/login-failure.ts";
import { awaitLog } from "./await-log.ts";
import { chooseKey } from "./choose-key.ts";
import { acceptedFrom, type LoginOptions, localEnd } from "./log-in.ts";
import type { AccountKey, EffectiveAnswer, SshServer } from "./ssh-server.ts";

/** Disposing it ends the connection. */
export interface Ssh2Login extends AsyncDisposable {
  readonly connection: ssh2.Client;
  readonly key: AccountKey;
  /** Client's address as the server saw it. */
  readonly clientAddress: string;
  /** sshd's settings for this login. */
  readonly answer: EffectiveAnswer;
  /** What the library says of errors, and what its user notes. */
  readonly notes: string[];
  /** sshd's log since the login began. */
  serverLog(): string[];
}

/** An agent without keys: with it the library can ask for agent forwarding. */
class NoKeys extends ssh2.BaseAgent {
  getIdentities(done: (error: Error | undefined, keys: ssh2.ParsedKey[]) => void): void {
    done(undefined, []);
  }

  sign(_key: unknown, _data: unknown, options: unknown, done?: (error: Error) => void): void {
    const tell = typeof options === "function" ? options : done;
    tell?.(new Error("this agent holds no keys"));
  }
}

/**
 * Logs in with a plain key: the library knows no certificates.
 * @throws UserError `ssh-login` and its like, as `logIn` does
 */
export async function logInWithSsh2(client: Host, server: SshServer, options: LoginOptions): Promise<Ssh2Login> {
  const { account, targetAddress, targetPort = server.port } = options;
  const key = chooseKey(server, options);
  if (key.certificate) throw new Error("the ssh2 client of the lab logs in with plain keys only, without certificates");
  const notes: string[] = [];
  const mark = server.log().length;
  const serverLog = () => server.log().slice(mark);
  const settingsFrom = (addr: string) => server.effectiveFor(account, { addr, ...localEnd({ ...options, targetPort }, server) });
  await using opening = new AsyncDisposableStack();
  const connection = new ssh2.Client();
  opening.defer(() => {
    connection.destroy();
  });
  const known = new Set(server.knownHosts.split("\n").map((line) => line.split(" ")[2]));
  const sock = await client.dial(targetAddress, targetPort);
  const entered = new Promise<void>((resolve, reject) => {
    // It may tell several errors, and an error that nobody hears ends the process.
    connection.on("error", (error) => {
      notes.push(String(error));
      reject(error);
    });
    connection.once("ready", () => resolve());
    connection.once("close", () => reject(new Error("the connection was closed")));
    connection.connect({
      sock: sock as never,
      username: account,
      privateKey: key.key.privateKey,
      hostVerifier: (hostKey: Buffer) => known.has(hostKey.toString("base64")),
      readyTimeout: options.timeoutMs ?? 30_000,
      authHandler: ["publickey"],
      agent: new NoKeys(),
    });
  });
  await entered.catch(async () => {
    await awaitLog([server], () => loginReason(serverLog(), account) !== undefined);
    const { source } = await settingsFrom(peerAddress(serverLog()) ?? targetAddress);
    const keyCount = server.keysFor(account).length;
    throw loginError({ source, account, address: targetAddress, key, keyCount, clientLog: notes, serverLog: serverLog(), dialled: true });
  });
  const clientAddress = options.clientAddress ?? (await acceptedFrom(server, account, serverLog));
  const answer = await settingsFrom(clientAddress || targetAddress);
  const held = opening.move();
  return { connection, key, clientAddress, answer, notes, serverLog, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
