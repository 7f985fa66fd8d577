/** Why a login failed: a kind, sshd's own words, and the setting behind it. */

import { formatPlace, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LoginFailure, LoginFailureKind, SettingSource } from "../core/forward-outcome.ts";
import { connected } from "./client-log.ts";
import { byKeyOptions, keySource, type LoginKey, type LoginReason, untrustedCa } from "./login-key.ts";

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
  /** Set where it is a jump host: as the command names it, and which host of the lab that is. */
  jump?: { name: string; at: string };
  /** True when the TCP connection is known to stand. */
  dialled?: boolean;
  /** The port that ssh was told, where sshd does not listen on it: the ports on which it does. */
  otherPort?: { told: number; listening: readonly number[] } | undefined;
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
  const { clientLog } = facts;
  const said = clientLog.filter((line) => line !== "" && !/^debug\d: |^OpenSSH_/.test(line)).at(-1);
  if (!facts.dialled && !connected(clientLog)) {
    if (!clientLog.some((line) => connecting.test(line)))
      return new UserError("ssh-options", `ssh exits before it connects: ${said ?? "no reason given"}`, {
        fault: faultOf("ssh-exits", { said }),
        expected: "options that ssh accepts",
        todo: "correct the option that ssh names, in `ssh:` or in the ssh_config",
        log: tail("client", clientLog).join("\n"),
      });
    return noConnection(facts, said);
  }
  return refusedBySshd(facts, said);
}

function refusedBySshd(facts: LoginFacts, said: string | undefined): LoginError {
  const { account, address, jump, key, clientLog, serverLog } = facts;
  const logged = loginReason(serverLog, account);
  const reason = logged ? byKeyOptions(logged, key) : untrustedCa(key);
  const setting = reason && sourceOf(reason, facts);
  const option = optionBehind(reason, setting);
  const next = option && key.next;
  const which = key.certificate?.file ?? (facts.keyCount > 1 ? `key ${key.index + 1} of ${facts.keyCount}` : "its key");
  const why = reason?.said ?? said ?? "ssh exited without giving a reason";
  const kind = reason?.kind ?? (/Permission denied/.test(why) ? "key-refused" : "unknown");
  return new LoginError(
    { kind, said: why, ...(setting ? { source: setting } : {}), ...(next ? { next } : {}) },
    `account ${account} cannot log in to ${jump ? `the jump host ${jump.name} (${jump.at})` : address}: ${why}${option === "expiry-time" ? " (the key has expired)" : ""}`,
    {
      place: setting?.file === undefined ? key.place : { file: setting.file, line: setting.line },
      fault: faultOf("login-refused", {
        account,
        server: jump?.at ?? address,
        ...(jump ? { jump: jump.name } : {}),
        said: why,
        key: key.certificate?.file ?? `${key.index + 1}/${facts.keyCount}`,
        options: key.options || undefined,
        option,
        next: next && formatPlace(next),
      }),
      found: `${which}${key.options === "" ? ", without options" : `, options ${key.options}`}`,
      expected: "a login that the server's config permits for this account and key",
      todo: todoFor(option, next),
      // ssh's own steps tell nothing where sshd has said why.
      log: [
        ...tail("client", reason ? clientLog.filter((line) => !/^debug\d: /.test(line)) : clientLog),
        ...tail("server", serverLog),
      ].join("\n"),
    },
  );
}

type LoginOption = "from" | "expiry-time";

const todoForOption: Readonly<Record<LoginOption, string>> = {
  from: "correct `from=` of this key, state the address that ssh really connects from (`public` or `address` of its host under `network`), or use another key (`key:`)",
  "expiry-time": "renew `expiry-time` of this key, or use another one (`key:`)",
};

function todoFor(option: LoginOption | undefined, next: LoginKey["next"]): string {
  const todo = option ? todoForOption[option] : todoForLogin;
  if (!next) return todo;
  return `${formatPlace(next)} has the same key, and sshd goes on to it: log in with that line (\`key: ${next.line}\`), or give the lines different keys if they are placeholders; otherwise ${todo}`;
}

const todoForLogin =
  "use an account that the config permits (AllowUsers, AllowGroups, DenyUsers, PermitRootLogin, the key's from=, what its certificate is valid for), or correct the config";

/** The option of the key line because of which sshd passed over it. */
function optionBehind(reason: LoginReason | undefined, source: SettingSource | undefined): LoginOption | undefined {
  if (!source?.keyOption) return undefined;
  if (reason?.kind === "key-source-refused" && source.keyword === "from") return "from";
  return reason?.kind === "key-expired" && source.keyword === "expiry-time" ? "expiry-time" : undefined;
}

function sourceOf(reason: LoginReason, { key, source }: LoginFacts): SettingSource | undefined {
  if (reason.keyword !== undefined) return source?.(reason.keyword);
  const byKey = keySource(reason, key);
  // The lab's own certificate is for the names that the server lists: what lists them is at fault.
  return byKey ?? (reason.kind === "principal-refused" ? source?.("authorizedprincipalsfile") : undefined);
}

/** ssh's first word on its way to the server (OpenSSH `sshconnect.c` `ssh_connect_direct`); before that it only reads its options. */
const connecting = /^debug1: Connecting to |^ssh: (connect to host|Could not resolve hostname) /;

function tail(who: string, lines: readonly string[]): string[] {
  return lines
    .filter((line) => line !== "")
    .slice(-12)
    .map((line) => `${who}: ${line}`);
}

/** The port that a user typed may be one that a router in front of the server publishes. */
function noConnection({ address, clientLog, otherPort }: LoginFacts, said: string | undefined): UserError {
  return new UserError("ssh-connect", `ssh cannot connect to sshd at ${address}: ${said ?? "no reason given"}`, {
    fault: faultOf("ssh-cannot-connect", { address, said, ...otherPort }),
    ...(otherPort ? { found: `ssh connects to port ${otherPort.told}, but sshd listens on ${otherPort.listening.join(", ")}` } : {}),
    expected: "a TCP connection from the host that runs ssh to sshd's port",
    todo: otherPort
      ? `if a router or a container engine publishes the port, say so under \`server\`: \`behind: nat\`, \`public\` and \`ports: { ${otherPort.told}: ${otherPort.listening[0]} }\`; otherwise correct -p, or Port in the config`
      : "allow that host in the server's firewall, or correct Port, ListenAddress and the addresses under `network:`",
    log: tail("client", clientLog).join("\n"),
  });
}
