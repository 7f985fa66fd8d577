/** The accounts that a server has by its own files, where /etc/passwd is among those that the policy gives. */

import { formatPlace, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { mainServer } from "../core/lab-spec.ts";
import { textOf } from "../core/plain-text.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import {
  accountIn,
  type DatabaseFile,
  groupsIn,
  readUserDatabase,
  refusesLocked,
  type UserDatabase,
  withoutPasswords,
} from "../openssh/user-database.ts";
import type { InputFiles } from "./input-files.ts";
import { accountsOf, type Policy, type PolicyAccount } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

const [passwdPath, groupPath, shadowPath, nsswitchPath] = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/nsswitch.conf"] as const;

/**
 * @returns undefined where neither /etc/passwd nor /etc/group is given
 * @throws UserError `accounts-file` for a line that is none, or if one of them lacks the other
 */
export async function readServerUsers(tree: FileTree, files: InputFiles): Promise<UserDatabase | undefined> {
  const [passwd, group] = [await fileAt(tree, passwdPath), await fileAt(tree, groupPath)];
  if (!passwd && !group) return undefined;
  if (!passwd || !group) throw missing(passwd ? passwdPath : groupPath, passwd ?? (group as DatabaseFile), passwd ? groupPath : passwdPath);
  // Most people may not read it; what follows is told.
  const shadow = await fileAt(tree, shadowPath).catch(() => undefined);
  const nsswitch = await fileAt(tree, nsswitchPath);
  const users = readUserDatabase({ passwd, group, shadow, nsswitch });
  for (const file of [passwd, group, ...(nsswitch ? [nsswitch] : [])]) files.note(file.display, file.text);
  if (shadow) files.note(shadow.display, withoutPasswords(shadow.text));
  return users;
}

async function fileAt(tree: FileTree, path: string): Promise<DatabaseFile | undefined> {
  const entry = await tree.look(path);
  return entry.kind === "file" ? { text: textOf(entry.content), display: entry.display } : undefined;
}

function missing(there: string, { display }: DatabaseFile, other: string): UserError {
  return new UserError("accounts-file", `${display} is given, but not ${other}`, {
    place: { file: display },
    fault: faultOf("accounts-file-missing", { there: display, missing: other }),
    found: `a copy of ${there}`,
    expected: "copies of both: which groups an account is in stands in either",
    todo: `copy ${other}, too`,
  });
}

/** What the policy states about an account and its server's files say otherwise. `policy`, `source`: with this server as `server`. */
export function userFaults(policy: Policy, users: UserDatabase, source: YamlSource, owner: string): UserError[] {
  return Object.entries(policy.server.accounts ?? {}).flatMap(([name, stated]) => {
    const listed = accountIn(users, name);
    if (!listed) return [];
    const groups = groupsIn(users, listed);
    const [primary] = groups;
    const others = groups.filter((group) => group !== primary);
    const differs = [
      stated.uid !== undefined &&
        stated.uid !== listed.uid && { key: "uid" as const, stated: String(stated.uid), listed: String(listed.uid) },
      stated.shell !== undefined && stated.shell !== listed.shell && { key: "shell" as const, stated: stated.shell, listed: listed.shell },
      stated.groups !== undefined &&
        !isSame(
          stated.groups.filter((group) => group !== primary),
          others,
        ) && {
          key: "groups" as const,
          stated: stated.groups.join(", "),
          listed: groups.join(", "),
        },
    ].filter((each) => each !== false);
    return differs.map(({ key, ...said }) => {
      const place = key === "groups" ? users.files.group : formatPlace(listed.place);
      return new UserError("policy-value", `${owner}.accounts.${name}.${key} contradicts the server's own files`, {
        place: source.place(["server", "accounts", name, key]),
        fault: faultOf("account-contradicts", { owner: `${owner}.accounts.${name}`, key, ...said, place }),
        found: said.stated || "none",
        expected: `${said.listed || "none"} (${place})`,
        todo: `remove \`${key}\`, or correct it`,
      });
    });
  });
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return new Set(one).size === new Set(other).size && one.every((each) => other.includes(each));
}

/** The policy with what the servers' files say of its accounts. */
export function withListedAccounts(policy: Policy, users: Readonly<Record<string, UserDatabase>>): Policy {
  const own = users[mainServer];
  const servers = Object.entries(policy.servers ?? {}).map(([name, server]) => {
    const listed = users[name];
    return [name, listed ? { ...server, accounts: listedAccounts(accountsOf(policy, name), listed) } : server];
  });
  return {
    ...policy,
    ...(own ? { server: { ...policy.server, accounts: listedAccounts(accountsOf(policy), own) } } : {}),
    ...(policy.servers ? { servers: Object.fromEntries(servers) } : {}),
  };
}

function listedAccounts(accounts: Readonly<Record<string, PolicyAccount>>, users: UserDatabase): Record<string, PolicyAccount> {
  return Object.fromEntries(
    Object.entries(accounts).map(([name, account]) => {
      const listed = accountIn(users, name);
      if (!listed) return [name, account];
      return [name, { ...account, uid: listed.uid, shell: listed.shell, groups: groupsIn(users, listed) }];
    }),
  );
}

/** What the files leave open. */
export function userWarnings(policy: Policy, users: UserDatabase, config: SshdConfig, options: readonly string[]): Warning[] {
  const { elsewhere } = users;
  const at = { file: users.files.passwd };
  const unlisted = Object.keys(accountsOf(policy)).filter((name) => !accountIn(users, name));
  return [
    ...(unlisted.length > 0 ? [warning("accounts-not-listed", { accounts: unlisted, elsewhere }, at)] : []),
    ...(users.limits === undefined && refusesLocked(config, options) ? [warning("locks-unknown", {}, at)] : []),
  ];
}
