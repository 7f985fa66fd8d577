/** What became of one requested forward. Plain data: the ssh stage fills it in, judgement and reports read it. */

import { mainServer } from "./lab-spec.ts";
import type { Reason } from "./reason.ts";
import type { SocketFile } from "./socket-file.ts";
import type { Admission } from "./verdict.ts";

export const forwardKinds = ["remote", "local", "dynamic", "remote-dynamic"] as const;
/** `dynamic` and `remote-dynamic` are SOCKS proxies: `-D port`, `-R port`. */
export type ForwardKind = (typeof forwardKinds)[number];

/** Does sshd listen (-R)? Otherwise ssh does, on the machine that runs it (-L, -D). */
export function listensOnServer(kind: ForwardKind): boolean {
  return kind === "remote" || kind === "remote-dynamic";
}

/** Does each visitor name the target itself? */
export function isSocks(kind: ForwardKind): boolean {
  return kind === "dynamic" || kind === "remote-dynamic";
}

/** Where an effective sshd setting, or an option of a key, comes from. */
export interface SettingSource {
  /** Lower-case keyword, as `sshd -T` knows it; of a key option its name, e.g. `permitlisten`. */
  keyword: string;
  /** Of a key option the option as written, e.g. `permitlisten="8080"`. */
  value: string;
  /** The user's file, relative to the policy file; undefined: sshd's default, or the lab's command line. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** It is an option of the line that logs the account in, or of its certificate, no keyword of sshd_config. */
  keyOption?: true;
  /** Later lines of the same keyword with other values: sshd takes the first. Left out: none. */
  ignored?: readonly IgnoredSetting[];
}

/** A line of the config that would count for this login if no other stood before it. */
export interface IgnoredSetting {
  value: string;
  /** The user's file, relative to the policy file. */
  file: string;
  /** 1-based. */
  line: number;
}

/** A line of the config that counts for other logins only: the Match block that it stands in does not hold for this one. */
export interface SettingElsewhere {
  /** Lower case. */
  keyword: string;
  value: string;
  file: string;
  /** 1-based. */
  line: number;
  /** The Match line that does not hold. */
  match: { file: string; line: number; text: string };
}

/** What on the server may refuse a forward before any socket is made. */
export type GateCode =
  | "allow-tcp-forwarding"
  | "allow-stream-local-forwarding"
  | "disable-forwarding"
  | "key-no-forwarding"
  | "certificate-no-forwarding"
  | "permit-listen"
  | "key-permit-listen"
  | "permit-open"
  | "key-permit-open";

/** What the kernel says to bind(2), and the resolver to the address. */
export type BindCode = "port-taken" | "port-privileged" | "no-such-address" | "unknown-name" | "address-family" | "bind-failed";

/** The same for a path. */
export type PathCode = "path-taken" | "path-not-permitted" | "no-folder" | "path-owned-by-other" | "path-read-only" | "path-failed";

export type RefusalCode =
  | GateCode
  | BindCode
  | PathCode
  | "clear-all-forwardings"
  | "permit-remote-open"
  | "other-software"
  | "login-failed"
  | "jump-refused"
  | "jump-filtered";

/** Why a forward does not stand, or why its visitors are turned away. */
export interface Refusal {
  layer: "sshd-policy" | "key-options" | "server-firewall" | "bind-address" | "client";
  code: RefusalCode;
  /** What the words need, e.g. `address`, `port`, `path`, `said` (ssh's or sshd's own message). */
  params: Reason["params"];
  /** In English, until the reports have words for each code. */
  text: string;
  /** The line that decided. */
  source?: SettingSource;
  /** Instead: the firewall's rule that did. */
  rule?: Admission;
}

/** One target that visitors of a SOCKS forward may ask for. */
export interface SocksTarget {
  host: string;
  port: number;
  /** The list that turns it down; left out: it is let through. */
  refusedBy?: Refusal;
}

/**
 * Why ssh or sshd did not reach what it dialled for a visitor. `prohibited`: sshd's policy or the key's options; `unexplained`: the other end's log,
 * which alone knows, has not said yet.
 */
export type DialError =
  | "prohibited"
  | "refused"
  | "timeout"
  | "unreachable"
  | "unknown-host"
  | "not-permitted"
  | "no-such-path"
  | "failed"
  | "unexplained";

/** One visitor's connection that the forward accepted and could not lead anywhere. */
export interface FailedDial {
  /** Who dials: ssh for -R, sshd for -L and -D. */
  by: "ssh" | "sshd";
  /** What was dialled, as far as the logs tell. */
  target?: { host: string; port: number } | { path: string };
  /** Port of the listener that the visitor came to, where ssh tells it. */
  listenPort?: number;
  error: DialError;
  /** The message that says so, and whose it is. */
  said: string;
  saidBy: "ssh" | "sshd";
}

/** Why an account was not let in. */
export type LoginFailureKind =
  | "key-refused"
  | "account-denied"
  | "account-unknown"
  | "root-refused"
  | "key-source-refused"
  | "key-expired"
  | "principal-refused"
  | "certificate-refused"
  | "files-unsafe"
  | "bad-permit-list"
  | "no-common-algorithm"
  | "throttled"
  | "connections-refused"
  | "jump-refused"
  | "jump-filtered"
  | "unknown";

export interface LoginFailure {
  kind: LoginFailureKind;
  /** sshd's reason, or ssh's last words. */
  said: string;
  /** The setting, the key option or the certificate behind it, with its line. */
  source?: SettingSource;
  /** Another line with the same key, to which sshd goes on: no refusal yet, unless the key there is a placeholder. */
  next?: { file: string; line: number };
  /** Why the way through a jump host ends there. */
  jump?: Refusal;
}

/** How an outcome tells whose forward it is, and the way there: nothing of the host `server` without jump hosts. */
export function whereOf(server: string, jump: readonly string[] = []): Pick<ForwardOutcome, "server" | "jump"> {
  return { ...(server === mainServer ? {} : { server }), ...(jump.length > 0 ? { jump } : {}) };
}

/** The host whose sshd a forward is opened at. */
export function serverOf({ server = mainServer }: Pick<ForwardOutcome, "server">): string {
  return server;
}

/** What becomes of a listener on the server whose client has gone silent. Times in seconds. */
export interface Silence {
  /** What the policy allows. */
  within: number;
  /** Calculated from sshd's settings; null: the session never ends. */
  bound: number | null;
  /** The setting that the bound is due to, or that would have to end the session. */
  by: SettingSource;
  /** `ClientAliveInterval`, `ClientAliveCountMax`, and intervals that go by for each message. */
  interval: number;
  count: number;
  factor: 1 | 2;
  /** Left out: it would take too long to watch. */
  watched?: { seconds: number; gone: boolean };
}

/** What sshd closes when nobody has used it for so long. */
export interface IdleLimit {
  /** `connection`: ssh's, and its listener with it. `visitor`: the connection of one visitor. */
  ends: "connection" | "visitor";
  seconds: number;
  by: SettingSource;
  /** The jump host whose sshd does: to it, ssh's connection to the next server is one channel. Left out: the forward's own server. */
  jump?: string;
}

export interface ForwardOutcome {
  name: string;
  /** Host that ran ssh. */
  from: string;
  /** Host whose sshd handles the forward. Left out: `server`. */
  server?: string;
  /** Hosts that ssh went through to get there (-J), in order. */
  jump?: readonly string[];
  account: string;
  /** The arguments exactly as the user typed them. */
  ssh: string;
  kind: ForwardKind;
  /** What the server calls itself, where that is not OpenSSH, e.g. `dropbear_2025.89`: what sshd would do then says nothing. */
  software?: string;
  /** The listener as asked for, e.g. `:43234`, or the path of a Unix socket. */
  requested: string;
  /** Did the server (for -R) or the client (for -L, -D) report that the forward is open? */
  granted: boolean;
  /** The server's own answer: for -R to the request to listen, for -L and -D to visitors' channels. Left out: it was not asked, or has not answered. */
  serverAnswer?: "granted" | "refused";
  /** Port that the server chose, where 0 was asked for. */
  allocatedPort?: number;
  /** The setting, or the key's option, by which sshd permits it. Left out: it does not, or nothing is known of the server's settings. */
  grantedBy?: SettingSource;
  /** Why not, when it is known, e.g. an AllowTcpForwarding setting or a key option. */
  refusedBy?: Refusal;
  /** Another forward of the same ssh that was refused: with ExitOnForwardFailure, this one ended with it. */
  endedWith?: { name: string; refusedBy?: Refusal };
  /** Why the server closes each visitor of a forward that is open (-L, -D); known once a visitor was closed. */
  closedBy?: Refusal;
  /** Visitors so far that the forward accepted but could not connect to its target. */
  failedDials: readonly FailedDial[];
  /** For SOCKS whose targets a list limits (PermitOpen, permitopen, ssh's PermitRemoteOpen): what to ask it for, so that no door stays unseen. */
  socksTargets?: readonly SocksTarget[];
  /** Set when the account was not let in: then nothing was asked for. */
  loginFailure?: LoginFailure;
  /** Settings of `sshd -T -C user=…,addr=…` that matter to forwarding (gatewayports, allowtcpforwarding, permitlisten, permitopen, disableforwarding, addressfamily; where a Unix socket is involved also allowstreamlocalforwarding, streamlocalbindmask, streamlocalbindunlink). */
  effective: SettingSource[];
  /** Lines of the same keywords in Match blocks that do not hold for this login. */
  elsewhere: readonly SettingElsewhere[];
  /** Options of the line that logs the account in, e.g. `restrict,port-forwarding`. */
  keyOptions: string;
  /** Host that listens: the server for -R, `from` for -L and -D. */
  listensOn: string;
  /** What the kernel says really listens, `address:port`, IPv6 in brackets, sorted; a Unix socket as `/path (srw------- owner:group)`. */
  listeners: string[];
  /** What sshd, or that of a jump host, closes of it when nobody uses it. Left out: nothing. */
  idleLimits?: readonly IdleLimit[];
  /** Set where the policy says how soon the server must notice that the client has gone silent. */
  silence?: Silence;
  /** The Unix socket requested as listener; `file`: what was at its path when ssh reported the forward as open. */
  socket?: { path: string; file?: SocketFile };
  clientLog: string;
  serverLog: string;
}
