/** Tells why a login failed, in sshd's own words. */
import { type Place, UserError } from "../core/errors.ts";
import type { SettingSource } from "../core/forward-outcome.ts";

/** What sshd logs when it turns a login away (`auth.c`, `auth2-pubkeyfile.c`, `auth-options.c`, `session.c`), most telling first. */
const reasons = [
  /User \S+ (?:from \S+ )?not allowed because .*/,
  /(?:Authentication tried|Authentication via .* tried) for .*/,
  /ROOT LOGIN REFUSED.*/,
  /Authentication refused: .*/,
  /(?:key options: expired|Authentication key .* (?:revoked|expired)).*/,
  /administratively prohibited connection for .*/,
  /Account expired.*|fatal: Access denied for user .* by PAM.*/,
  /.*(?:bad ownership or modes|chroot).*/,
  /(?:refusing|Refused by key options|userauth_pubkey: ).*/,
  /process_permitopen_list: .*/,
  /Invalid user .*/,
  /(?:beginning MaxStartups throttling|drop connection .*|.*penalt.*)/,
  /Unable to negotiate .*/,
];

/** The line of sshd's log that says why, if there is one; lines that name the account go first, as others may be logging in. */
export function loginFailureReason(serverLog: readonly string[], account: string): string | undefined {
  const own = serverLog.filter((line) => line.split(/[^\w.-]+/).includes(account));
  for (const lines of [own, serverLog]) {
    for (const reason of reasons) {
      const line = lines.find((text) => reason.test(text));
      if (line) return reason.exec(line)?.[0];
    }
  }
  return undefined;
}

/** The setting that a reason of sshd's is about. */
const settingBehind: readonly [reason: RegExp, keyword: string][] = [
  [/listed in DenyUsers/, "denyusers"],
  [/not listed in AllowUsers/, "allowusers"],
  [/listed in DenyGroups/, "denygroups"],
  [/AllowGroups|not in any group/, "allowgroups"],
  [/ROOT LOGIN REFUSED/, "permitrootlogin"],
  [/administratively prohibited connection/, "refuseconnection"],
  [/penalt/, "persourcepenalties"],
  [/MaxStartups/, "maxstartups"],
  [/permitlisten/, "permitlisten"],
  [/permitopen/, "permitopen"],
  [/chroot/, "chrootdirectory"],
];

/** Did ssh get as far as a TCP connection? */
export function connected(clientLog: readonly string[]): boolean {
  return clientLog.some((line) => /^debug1: Connection established/.test(line));
}

/** UserError `ssh-connect` when ssh got no connection, else `ssh-login`. */
export function loginError(facts: {
  account: string;
  address: string;
  /** The key line that was tried: its number from 0, its options, its place in the user's file. */
  key: { index: number; options: string; place?: Place };
  keyCount: number;
  clientLog: readonly string[];
  serverLog: readonly string[];
  /** The settings of this login, with their lines. */
  source?: (keyword: string) => SettingSource;
  /** True when the TCP connection is known to stand. */
  dialled?: boolean;
}): UserError {
  const { account, address, key, clientLog, serverLog } = facts;
  const said = clientLog.filter((line) => line !== "" && !/^debug\d: |^OpenSSH_/.test(line)).at(-1);
  if (!facts.dialled && !connected(clientLog))
    return new UserError("ssh-connect", `ssh does not reach sshd at ${address}: ${said ?? "it gave no reason"}`, {
      expected: "a TCP connection from the host that runs ssh to sshd's port",
      todo: "let that host in through the server's firewall, or correct Port, ListenAddress and the addresses in `network:`",
      log: tail("client", clientLog).join("\n"),
    });
  const reason = loginFailureReason(serverLog, account);
  const keyword = settingBehind.find(([pattern]) => reason !== undefined && pattern.test(reason))?.[1];
  const setting = keyword === undefined ? undefined : facts.source?.(keyword);
  const which = facts.keyCount > 1 ? `key ${key.index + 1} of ${facts.keyCount}` : "its key";
  return new UserError("ssh-login", `account ${account} cannot log in to ${address}: ${reason ?? said ?? "ssh ended without a reason"}`, {
    place: setting?.file === undefined ? key.place : { file: setting.file, line: setting.line },
    found: `${which}${key.options === "" ? ", without options" : `, options ${key.options}`}`,
    expected: "a login that the server's config grants this account and key",
    todo: "name an account that the config lets in (AllowUsers, AllowGroups, DenyUsers, PermitRootLogin, the key's from=), or correct the config",
    log: [...tail("client", clientLog), ...tail("server", serverLog)].join("\n"),
  });
}

function tail(who: string, lines: readonly string[]): string[] {
  return lines
    .filter((line) => line !== "")
    .slice(-12)
    .map((line) => `${who}: ${line}`);
}
