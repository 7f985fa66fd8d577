/** Which keys and principals an account has on the server: from the files that the policy names, or from those that the config names. */
import { textOf } from "../core/plain-text.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import { authorizedKeysPaths } from "../openssh/login-needs.ts";
import { matchHolds } from "../openssh/match-criteria.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { LoginFile } from "../openssh/stated-logins.ts";
import { accountIn, groupsOfLogin, type UserDatabase } from "../openssh/user-database.ts";
import type { PolicyAccount } from "./policy.ts";

/** sshd's default, when no line sets AuthorizedKeysFile. Source: sshd_config(5). */
const defaultKeyFiles = ".ssh/authorized_keys .ssh/authorized_keys2";

/** What sshd reads for an account, as far as it is given. */
export interface FilesOfAccount {
  files: LoginFile[];
  /** Paths of a place that is given, where nothing is: on the server the account has no such file. Empty where there is a file. */
  missing: string[];
  /** Paths of places that nobody gave. Empty where there is a file. */
  notGiven: string[];
}

/** The server's files, and the accounts that they list, as far as they are given. */
interface GivenServer {
  config: SshdConfig;
  tree: FileTree;
  users: UserDatabase | undefined;
}

/** The key files that sshd reads for an account, as far as they are given (below /etc/ssh, or under `server.files`). */
export function keyFilesOf(name: string, account: PolicyAccount, server: GivenServer): Promise<FilesOfAccount> {
  return filesOf(name, account, settingValues("authorizedkeysfile", name, account, server, defaultKeyFiles), server);
}

/** The same for AuthorizedPrincipalsFile, which has no default. */
export function principalFilesOf(name: string, account: PolicyAccount, server: GivenServer): Promise<FilesOfAccount> {
  return filesOf(name, account, settingValues("authorizedprincipalsfile", name, account, server, ""), server);
}

async function filesOf(
  name: string,
  account: PolicyAccount,
  values: readonly string[],
  { tree, users }: GivenServer,
): Promise<FilesOfAccount> {
  const files: LoginFile[] = [];
  const missing: string[] = [];
  const notGiven: string[] = [];
  const home = homeOf(name, users);
  const uid = name === "root" ? 0 : account.uid;
  for (const value of values) {
    if (uid === undefined && value.includes("%U")) continue;
    for (const path of authorizedKeysPaths(value, { name, uid: uid ?? -1, home })) {
      const entry = await tree.look(path);
      if (entry.kind === "missing") missing.push(path);
      if (entry.kind === "not-given") notGiven.push(path);
      if (entry.kind === "file" && !files.some(({ display }) => display === entry.display))
        files.push({ text: textOf(entry.content), display: entry.display, path });
    }
  }
  return files.length > 0 ? { files, missing: [], notGiven: [] } : { files, missing, notGiven };
}

function homeOf(name: string, users: UserDatabase | undefined): string {
  return accountIn(users, name)?.home ?? (name === "root" ? "/root" : `/home/${name}`);
}

/** The first value that surely applies, and those before it that may: which one that is hangs on the connection. */
function settingValues(keyword: string, name: string, account: PolicyAccount, { config, users }: GivenServer, standard: string): string[] {
  const groups = groupsOfLogin(name, account.groups, users);
  const values: string[] = [];
  for (const line of config.lines.filter((each) => each.keyword === keyword)) {
    const holds = line.match.map(({ criteria }) =>
      matchHolds(withoutConnection(criteria), { user: name, groups, addr: "", laddr: "", lport: 0 }),
    );
    if (holds.includes(false)) continue;
    values.push(line.args.join(" "));
    if (!holds.includes(undefined)) return values;
  }
  return [...values, standard];
}

/** Criteria about the connection are not known here: each is made one that cannot be decided. */
function withoutConnection(criteria: readonly string[]): string[] {
  return criteria.map((word) =>
    /^(address|localaddress|localport|host)(=.*)?$/i.test(word) ? word.replace(/^[A-Za-z]+/, "rdomain") : word,
  );
}
