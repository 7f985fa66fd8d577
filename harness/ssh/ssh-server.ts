/** What the other files of this stage, and later stages, know of a running sshd. Types only. */

import type { HostAdaptation } from "../core/adaptation.ts";
import type { IdleLimit, SettingElsewhere, SettingSource } from "../core/forward-outcome.ts";
import type { Warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import type { UserCertificate } from "../openssh/certificate.ts";
import type { ConnectionContext, EffectiveSettings } from "../openssh/effective.ts";
import type { ForwardRequest } from "../openssh/forward-request.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { GivenCertificate, LoginFile } from "../openssh/stated-logins.ts";
import type { UserDatabase } from "../openssh/user-database.ts";
import type { OpenSshVersion } from "../openssh/version.ts";
import type { ServerCgroups } from "./cgroups.ts";
import type { LabKey } from "./keys.ts";

/** An account of the server, as the policy names it. */
export interface ServerAccount {
  name: string;
  /** Default: from 1000 up. */
  uid?: number;
  /** Supplementary groups; made when the image has none of that name. */
  groups?: readonly string[];
  /** Login shell, e.g. /usr/sbin/nologin. Default: /bin/sh, or what the image has for the account. */
  shell?: string;
  /** The user's authorized_keys, each file that sshd reads; left out: one key without options, or one certificate where the config trusts a CA. */
  authorizedKeys?: readonly LoginFile[];
  /** What AuthorizedPrincipalsFile names for the account; left out: the account's own name, without options. */
  authorizedPrincipals?: readonly LoginFile[];
  /** Certificates of the user's by which it logs in as well. */
  certificates?: readonly GivenCertificate[];
}

/** A login that the lab can do: one line of the account's files, or one certificate, with the lab's own key in place of the user's. */
export interface AccountKey {
  /** 0-based: lines of authorized_keys, then of the principals file, then certificates of the user's. */
  index: number;
  key: LabKey;
  /** Options of the line, byte for byte; "" when none. */
  options: string;
  /** Where the line stands in the user's file. */
  place?: { file: string; line: number };
  /** The next line with the same key and other options: where this one does not let the client in, sshd goes on to it. */
  next?: { file: string; line: number };
  /** Left out: a plain key. */
  certificate?: LoginCertificate;
}

/** A certificate that a CA of the lab's has signed. */
export interface LoginCertificate {
  /** As ssh reads it, without a comment. */
  text: string;
  /** What it says, in the user's own words where it is a copy. */
  content: Omit<UserCertificate, "ca">;
  /** The user's certificate that it is a copy of. */
  file?: string;
  /** The server trusts the CA of the user's certificate nowhere. */
  untrusted?: true;
}

export interface SshServerOptions {
  config: SshdConfig;
  accounts: readonly ServerAccount[];
  /** The server's own /etc/passwd and its like; left out: the image's. */
  users?: UserDatabase;
  /**
   * Connections that will be made (client's address as the server sees it, server's address). `Match Address` may give each other settings,
   * for example another AuthorizedKeysFile. Left out: from 192.0.2.1 to the host's first address.
   */
  connections?: readonly { addr: string; laddr: string }[];
  /** Further `-o` settings on sshd's command line (`Keyword=value`), each listed in `adaptations`. */
  extra?: readonly string[];
  /** Left out: in none that a rule could match. */
  cgroups?: ServerCgroups;
  /** The ssh2 library logs in, too: sshd must support one of its algorithms. */
  ssh2?: boolean;
}

export interface EffectiveAnswer {
  context: ConnectionContext;
  settings: EffectiveSettings;
  /** A setting with its place in the user's files; for keywords that sshd does not print, the value is "". */
  source(keyword: string): SettingSource;
  /** Lines of these settings' keywords in Match blocks that do not hold for this login. */
  elsewhere(sources: readonly SettingSource[]): SettingElsewhere[];
  /** What sshd closes of such a forward when nobody uses it. */
  idleLimits(request: ForwardRequest): IdleLimit[];
}

export interface SshServer extends AsyncDisposable {
  /** How it greets its clients: the last word of its version line. */
  readonly identity: string;
  readonly host: Host;
  readonly version: OpenSshVersion;
  /** What the lab added to the user's config, for a person. */
  readonly adaptations: readonly HostAdaptation[];
  readonly warnings: readonly Warning[];
  /** Addresses and ports that sshd says it listens on, IPv6 without brackets. */
  readonly listening: readonly { address: string; port: number }[];
  /** Port that clients use: the first one that the config names, if sshd listens on it. */
  readonly port: number;
  /** Lines for a client's known_hosts, any address. */
  readonly knownHosts: string;
  /** All that sshd and its sessions printed since it was started last; or of these lines those from one on. */
  log(from?: number, to?: number): string[];
  /** Calls back after each further line of this log; returns what ends that. */
  onLine(listener: () => void): () => void;
  /** sshd's settings for one connection, with the user's line for each that is asked for. */
  effectiveFor(account: string, connection: { addr: string; laddr: string; lport?: number }): Promise<EffectiveAnswer>;
  /** What `sshd -T` says without a connection; undefined where it needs one. */
  plainSettings(): Promise<EffectiveSettings | undefined>;
  /** Logins of this account, maybe none. Throws UserError `ssh-account` for an account that was not given. */
  keysFor(account: string): readonly AccountKey[];
  /** Notes about lines of the account's files by which nobody logs in. */
  keyNotesFor(account: string): readonly Warning[];
  /** Ends sshd and every session, and starts it with another config (or accounts, …) in the same host. On failure nothing runs. */
  restart(options: Partial<SshServerOptions>): Promise<void>;
  /** Ends sshd and every session. */
  stop(): Promise<void>;
}
