/** Opens one forward with the real ssh, exactly as it was typed, and tells what became of it. */
import type { Host } from "../lab/host.ts";
import type { ForwardArguments } from "./forward-arguments.ts";
import type { ForwardOutcome } from "./outcome.ts";
import type { SshServer } from "./server.ts";

export interface ForwardOptions {
  name: string;
  /** Account on the server. */
  account: string;
  /** As `parseForwardArguments` gave it. */
  ssh: ForwardArguments;
  /** Address of the server that ssh connects to. */
  targetAddress: string;
  /** Client's address as the server will see it; default: read from sshd's log after the login. */
  clientAddress?: string;
  /** Which of the account's key lines; default 0. */
  keyIndex?: number;
  /** Account on the client host that runs ssh. Default root. */
  user?: string;
  /** Milliseconds until ssh must have said what became of the forward. Default 30,000. */
  timeoutMs?: number;
}

export interface OpenForward extends AsyncDisposable {
  /** State when the forward was opened; the logs grow until it is disposed. */
  readonly outcome: ForwardOutcome;
  /** Port that really listens: the one asked for, or the one that the server allocated. */
  readonly port: number;
  /** Client's address as the server saw it. */
  readonly clientAddress: string;
}

/**
 * Runs ssh in `client` and resolves when ssh itself has said whether the forward stands (`outcome.granted`).
 * Disposal ends ssh and waits until its listeners are gone.
 * Throws UserError `ssh-login` when the login fails, `ssh-timeout` when ssh says nothing in time.
 */
export async function openForward(_client: Host, _server: SshServer, _options: ForwardOptions): Promise<OpenForward> {
  throw new Error("not there yet");
}

/**
 * The same remote forward asked for by the `ssh2` library over a stream dialled from the client host: the second, independent client.
 * Remote forwards only. `target` is dialled from the client host; default: the target of the request.
 */
export async function openForwardWithSsh2(
  _client: Host,
  _server: SshServer,
  _options: ForwardOptions & { target?: { host: string; port: number } },
): Promise<OpenForward> {
  throw new Error("not there yet");
}
