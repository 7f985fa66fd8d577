/** Why a login failed: a kind, sshd's own words, and the setting behind it. */
import { UserError } from "../core/errors.ts";
import type { LoginFailure, LoginFailureKind, SettingSource } from "../core/forward-outcome.ts";
import { splitKeyOptions } from "./authorized-keys.ts";
import { criticalOption, type UserCertificate } from "./certificate.ts";
import { connected } from "./client-log.ts";

/** What sshd logs when it turns a login away (`auth.c`, `auth2-pubkeyfile.c`, `auth-options.c`, `session.c`), most telling first. */
const reasons: readonly [reason: RegExp, kind: LoginFailureKind, keyword?: string][] = [
  [/User \S+ (?:from \S+ )?not allowed because listed in DenyUsers.*/, "account-denied", "denyusers"],
  [/User \S+ (?:from \S+ )?not allowed because not listed in AllowUsers.*/, "account-denied", "allowusers"],
  [/User \S+ (?:from \S+ )?not allowed because .*listed in DenyGroups.*/, "account-denied", "denygroups"],
  [/User \S+ (?:from \S+ )?not allowed because (?:.*AllowGroups.*|not in any group.*)/, "account-denied", "allowgroups"],
  [/User \S+ (?:from \S+ )?not allowed because .*/, "account-denied"],
  [/(?:Authentication tried|Authentication via .* tried) for .*/, "key-source-refused"],
  [/ROOT LOGIN REFUSED.*/, "root-refused", "permitrootlogin"],
  [/Authentication refused: .*/, "files-unsafe"],
  [/(?:key options: expired|Authentication key .* (?:revoked|expired)|Certificate invalid: (?:expired|not yet valid)).*/, "key-expired"],
  [
    /Certificate (?:does not contain an authorized principal|lacks principal list|invalid: name is not a listed principal).*/,
    "principal-refused",
  ],
  [
    /(?:Certificate (?:critical option|invalid: )|Invalid certificate options|forced command options do not match).*/,
    "certificate-refused",
  ],
  [/administratively prohibited connection for .*/, "connections-refused", "refuseconnection"],
  [/Account expired.*|fatal: Access denied for user .* by PAM.*/, "account-denied"],
  [/.*chroot.*/, "files-unsafe", "chrootdirectory"],
  [/.*bad ownership or modes.*/, "files-unsafe"],
  [/(?:refusing|Refused by key options|userauth_pubkey: ).*/, "key-refused"],
  [/process_permitopen_list: .*permitlisten.*/i, "bad-permit-list", "permitlisten"],
  [/process_permitopen_list: .*/, "bad-permit-list", "permitopen"],
  [/Invalid user .*/, "account-unknown"],
  [/.*penalt.*/, "throttled", "persourcepenalties"],
  [/(?:beginning MaxStartups throttling|drop connection .*)/, "throttled", "maxstartups"],
  [/Unable to negotiate .*/, "no-common-algorithm"],
];

export interface LoginReason {
  kind: LoginFailureKind;
  /** sshd's line. */
  said: string;
  /** The setting it is about. */
  keyword?: string;
}

/** What sshd's log says, if it does; lines that name the account go first, as others may be logging in. */
export function loginReason(serverLog: readonly string[], account: string): LoginReason | undefined {
  const own = serverLog.filter((line) => line.split(/[^\w.-]+/).includes(account));
  for (const lines of [own, serverLog]) {
    for (const [reason, kind, keyword] of reasons) {
      const said = lines.map((text) => reason.exec(text)?.[0]).find((found) => found !== undefined);
      if (said !== undefined) return { kind, said, ...(keyword === undefined ? {} : { keyword }) };
    }
  }
  return undefined;
}

/** What was tried, and what both ends said. */
export interface LoginFacts {
  account: string;
  address: string;
  key: LoginKey;
  keyCount: number;
  clientLog: readonly string[];
  serverLog: readonly string[];
  /** The settings of this login, with their lines. */
  source?: (keyword: string) => SettingSource;
  /** True when the TCP connection is known to stand. */
  dialled?: boolean;
}

/** The key line that was tried: its number from 0, its options, its place in the user's file; and the certificate. */
export interface LoginKey {
  index: number;
  options: string;
  place?: { file: string; line: number };
  certificate?: {
    content: Pick<UserCertificate, "principals" | "validAfter" | "validBefore" | "criticalOptions">;
    /** The user's certificate. */
    file?: string;
    /** The server trusts its CA nowhere. */
    untrusted?: true;
  };
}

/** `ssh-login`: sshd was reached, and did not let the account in. */
export class LoginError extends UserError {
  readonly failure: LoginFailure;

  constructor(failure: LoginFailure, message: string, details: ConstructorParameters<typeof UserError>[2]) {
    super("ssh-login", message, details);
    this.failure = failure;
  }
}

/** UserError `ssh-options` when ssh refused its own command line, `ssh-connect` when it got no connection; else `LoginError`. */
export function loginError(facts: LoginFacts): UserError {
  const { account, address, key, clientLog, serverLog } = facts;
  const said = clientLog.filter((line) => line !== "" && !/^debug\d: |^OpenSSH_/.test(line)).at(-1);
  if (!facts.dialled && !connected(clientLog)) {
    if (!clientLog.some((line) => connecting.test(line)))
      return new UserError("ssh-options", `ssh exits before it connects: ${said ?? "no reason given"}`, {
        expected: "options that ssh accepts",
        todo: "correct the option that ssh names, in `ssh:` or in the ssh_config",
        log: tail("client", clientLog).join("\n"),
      });
    return new UserError("ssh-connect", `ssh cannot connect to sshd at ${address}: ${said ?? "no reason given"}`, {
      expected: "a TCP connection from the host that runs ssh to sshd's port",
      todo: "allow that host in the server's firewall, or correct Port, ListenAddress and the addresses under `network:`",
      log: tail("client", clientLog).join("\n"),
    });
  }
  const reason = loginReason(serverLog, account) ?? untrustedCa(key);
  const setting = reason && (reason.keyword === undefined ? keySource(reason, key) : facts.source?.(reason.keyword));
  const which = key.certificate?.file ?? (facts.keyCount > 1 ? `key ${key.index + 1} of ${facts.keyCount}` : "its key");
  const why = reason?.said ?? said ?? "ssh exited without giving a reason";
  const kind = reason?.kind ?? (/Permission denied/.test(why) ? "key-refused" : "unknown");
  return new LoginError(
    { kind, said: why, ...(setting ? { source: setting } : {}) },
    `account ${account} cannot log in to ${address}: ${why}`,
    {
      place: setting?.file === undefined ? key.place : { file: setting.file, line: setting.line },
      found: `${which}${key.options === "" ? ", without options" : `, options ${key.options}`}`,
      expected: "a login that the server's config permits for this account and key",
      todo: "use an account that the config permits (AllowUsers, AllowGroups, DenyUsers, PermitRootLogin, the key's from=, what its certificate is valid for), or correct the config",
      log: [...tail("client", clientLog), ...tail("server", serverLog)].join("\n"),
    },
  );
}

/** sshd says nothing of a CA that it does not know. */
function untrustedCa({ certificate }: LoginKey): LoginReason | undefined {
  if (!certificate?.untrusted) return undefined;
  return {
    kind: "certificate-refused",
    said: `the CA of ${certificate.file} is neither in TrustedUserCAKeys nor on a cert-authority line`,
  };
}

/** The last moment that a Date can tell, in milliseconds. */
const lastDate = 8.64e15;

/** The option of the line, or what of the certificate, that sshd turned the login away for. */
function keySource({ kind, said }: LoginReason, { options, place, certificate }: LoginKey): SettingSource | undefined {
  const option = (name: string): SettingSource | undefined => {
    const value = splitKeyOptions(options).find((each) => each.toLowerCase().startsWith(`${name}=`));
    return value === undefined ? undefined : { keyword: name, value, ...place, keyOption: true };
  };
  const ofCertificate = (keyword: string, value: string): SettingSource | undefined => {
    const file = certificate?.file;
    return file === undefined ? undefined : { keyword, value, file, line: 1, keyOption: true };
  };
  const day = (seconds: bigint) => new Date(Math.min(Number(seconds) * 1000, lastDate)).toISOString();
  if (kind === "key-source-refused" && /valid certificate/.test(said))
    return ofCertificate("source-address", `source-address=${certificate && criticalOption(certificate.content, "source-address")}`);
  if (kind === "key-source-refused") return option("from");
  if (kind === "key-expired" && certificate && /Certificate invalid: not yet/.test(said))
    return ofCertificate("valid after", `valid after ${day(certificate.content.validAfter)}`);
  if (kind === "key-expired" && certificate && /Certificate invalid/.test(said))
    return ofCertificate("valid before", `valid before ${day(certificate.content.validBefore)}`);
  if (kind === "key-expired") return option("expiry-time");
  if (kind === "principal-refused")
    return ofCertificate("principals", `principals ${certificate?.content.principals.join(",") || "(none)"}`);
  return kind === "certificate-refused" ? ofCertificate("certificate", "certificate") : undefined;
}

/** ssh's first word on its way to the server (OpenSSH `sshconnect.c` `ssh_connect_direct`); before that it only reads its options. */
const connecting = /^debug1: Connecting to |^ssh: (connect to host|Could not resolve hostname) /;

function tail(who: string, lines: readonly string[]): string[] {
  return lines
    .filter((line) => line !== "")
    .slice(-12)
    .map((line) => `${who}: ${line}`);
}
