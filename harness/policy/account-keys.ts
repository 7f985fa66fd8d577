/** Which keys an account has on the server: from the file that the policy names, or from the one that the config names. */
import type { FileTree } from "../openssh/file-tree.ts";
import { authorizedKeysPaths } from "../openssh/login-needs.ts";
import { matchHolds } from "../openssh/match-criteria.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { PolicyAccount } from "./policy.ts";

/** An authorized_keys file. */
export interface KeyFile {
  text: string;
  display: string;
}

/** sshd's default, when no line sets AuthorizedKeysFile. Source: sshd_config(5). */
const defaultKeyFiles = ".ssh/authorized_keys .ssh/authorized_keys2";

/**
 * The key files that sshd reads for an account, as far as they are given (below /etc/ssh, or under `server.files`).
 * `named`: a line of the config names a place that is given, and nothing is there: such an account has no key on the server.
 */
export async function keyFilesOf(
  name: string,
  account: PolicyAccount,
  config: SshdConfig,
  tree: FileTree,
): Promise<{ files: KeyFile[]; missing: string[] }> {
  const files: KeyFile[] = [];
  const missing: string[] = [];
  const home = name === "root" ? "/root" : `/home/${name}`;
  const uid = name === "root" ? 0 : account.uid;
  for (const value of keyFileValues(name, account, config)) {
    if (uid === undefined && value.includes("%U")) continue;
    for (const path of authorizedKeysPaths(value, { name, uid: uid ?? -1, home })) {
      const entry = await tree.look(path);
      if (entry.kind === "missing") missing.push(path);
      if (entry.kind === "file" && !files.some(({ display }) => display === entry.display))
        files.push({ text: new TextDecoder().decode(entry.content), display: entry.display });
    }
  }
  return { files, missing: files.length > 0 ? [] : missing };
}

/** The first value that surely applies, and those before it that may: which one that is hangs on the connection. */
function keyFileValues(name: string, account: PolicyAccount, config: SshdConfig): string[] {
  const groups = [name, ...(account.groups ?? [])];
  const values: string[] = [];
  for (const line of config.lines.filter(({ keyword }) => keyword === "authorizedkeysfile")) {
    const holds = line.match.map(({ criteria }) =>
      matchHolds(withoutConnection(criteria), { user: name, groups, addr: "", laddr: "", lport: 0 }),
    );
    if (holds.includes(false)) continue;
    values.push(line.args.join(" "));
    if (!holds.includes(undefined)) return values;
  }
  return [...values, defaultKeyFiles];
}

/** Criteria about the connection are not known here: each is made one that cannot be decided. */
function withoutConnection(criteria: readonly string[]): string[] {
  return criteria.map((word) =>
    /^(address|localaddress|localport|host)(=.*)?$/i.test(word) ? word.replace(/^[A-Za-z]+/, "rdomain") : word,
  );
}
