/** A forward to open, and one that was opened. Types only. */
import type { Place } from "../core/errors.ts";
import type { ForwardOutcome, SocksTarget } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { Dial } from "../probe/probe.ts";
import type { Service } from "../probe/services.ts";
import type { OpenForward } from "../ssh/forward.ts";

/** A target that a SOCKS forward is asked for. */
export interface ProxiedTarget {
  target: SocksTarget;
  /** Undefined: no host of the lab has that name or address. */
  service: Service | undefined;
}

export interface Together {
  group: string;
  /** One ssh asks for all of them: where ExitOnForwardFailure is set, one refusal ends them all. */
  oneSsh: boolean;
}

/** A jump host, and the account that logs in there. */
export interface JumpThrough {
  /** Host of the lab that runs its sshd. */
  server: string;
  account: string;
  /** Index among the account's logins; default 0. */
  keyIndex?: number;
}

export interface ForwardToOpen {
  name: string;
  /** Host of the lab that runs ssh. */
  from: string;
  /** Host that runs the sshd it is opened at. Left out: `server`. */
  server?: string;
  /** Servers that ssh goes through to get there, in the order of `ssh.jump.hops`. */
  jump?: readonly JumpThrough[];
  /** Account on the server. */
  account: string;
  ssh: ForwardArguments;
  /** Which of the account's logins by a line of its files; default 0. */
  keyIndex?: number;
  /** Ends of the server, any of which it connects to. Left out: the first that there is. */
  to?: { addresses: readonly string[]; ports: readonly number[] };
  /** Instead: the certificate of the user's to log in with, by its file. */
  certificate?: string;
  /** A person opens it at the same time as the others of this group, in their order. */
  together?: Together;
  /** A target (on the client, or anywhere) gets no service of the lab's: what was started before is all that runs there. */
  onlyGivenServices?: "at-client" | "anywhere";
  /** sshd may turn the account away: such a forward is opened alone, and that it was turned away is a result. */
  loginMayFail?: boolean;
  /** Where it was asked for, for errors. */
  place?: Place;
}

/** A requested forward, its outcome, and the service that it should lead to. */
export interface ForwardHandle extends AsyncDisposable {
  readonly open: OpenForward;
  readonly name: string;
  /** Host that listens. */
  readonly listensOn: string;
  /** 0: it listens on `path`. */
  readonly port: number;
  /** Set when the listener is a Unix socket. */
  readonly path?: string;
  readonly service: Service;
  /** Set for SOCKS forwards: what the proxy is asked for. */
  readonly socks: { host: string; port: number } | undefined;
  /** Targets that a list limits a SOCKS forward to, and one that no list lets through: each is asked for. Empty: `socks` says everything. */
  readonly proxied?: readonly ProxiedTarget[];
  /** Set for SOCKS forwards: makes any other target ready to be asked for. */
  readonly prepareTarget?: (target: { host: string; port: number }) => Promise<ProxiedTarget>;
  /** How ssh or sshd reaches the service; left out for one on a Unix socket. */
  readonly dial?: Dial;
  /** See `ForwardOutcome`. */
  readonly endedWith?: ForwardOutcome["endedWith"];
}

/** Enough of a handle to probe it: a service of the lab has no ssh. */
export type Probeable = Pick<ForwardHandle, "listensOn" | "port" | "path" | "service" | "socks"> &
  Partial<Pick<ForwardHandle, "open" | "dial" | "proxied" | "prepareTarget">>;

/** What can be observed: a forward that was opened, or a service. */
export interface Observable {
  readonly probed: Probeable;
  /** The logs in it are those up to now. */
  readonly outcome: ForwardOutcome;
  /** Its ssh was ended on purpose. */
  readonly ended: boolean;
}
