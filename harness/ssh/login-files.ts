/** Files on the server that logins need: authorized_keys, and what settings name. */
import type { Host, HostFile } from "../lab/host.ts";
import { labKeyLine } from "../openssh/authorized-keys.ts";
import { type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import { authorizedKeysPaths } from "../openssh/login-needs.ts";
import type { Account } from "./accounts.ts";
import type { AccountKey } from "./ssh-server.ts";

export interface AccountWithKeys extends Account {
  keys: AccountKey[];
  /** Paths of authorized_keys that sshd reads for it. */
  keyFiles: Set<string>;
}

/**
 * authorized_keys for all accounts, each path once: accounts may share one. sshd reads it as the account, so it must be readable for it, and it must
 * satisfy StrictModes: owned by the account in its home, else by root, writable for nobody else.
 */
export function authorizedKeysFiles(accounts: Iterable<AccountWithKeys>): Record<string, HostFile> {
  const contents = new Map<string, { lines: string[]; owners: AccountWithKeys[] }>();
  for (const account of accounts) {
    for (const path of account.keyFiles) {
      const entry = contents.get(path) ?? { lines: [], owners: [] };
      contents.set(path, entry);
      entry.owners.push(account);
      for (const { key, options, index } of account.keys) entry.lines.push(labKeyLine(options, key.publicKey, `${account.name}-${index}`));
    }
  }
  const files: Record<string, HostFile> = {};
  for (const [path, { lines, owners }] of contents) {
    const [owner] = owners;
    const content = lines.map((line) => `${line}\n`).join("");
    const atHome = owner && owners.length === 1 && path.startsWith(`${owner.home.replace(/\/$/, "")}/`);
    files[path] = atHome ? { content, mode: 0o600, uid: owner.uid, gid: owner.gid } : { content, mode: 0o644 };
  }
  return files;
}

/**
 * The folders between an account's home and its keys are the account's own, as they are where it made them: since OpenSSH 10.1 sshd puts the
 * socket of a forwarded agent there.
 */
export async function ownKeyFolders(host: Host, accounts: Iterable<AccountWithKeys>): Promise<void> {
  const owned = [...accounts].flatMap(({ uid, gid, home, keyFiles }) => {
    const base = home.replace(/\/$/, "");
    return [...keyFiles]
      .filter((path) => path.startsWith(`${base}/`))
      .flatMap((path) =>
        path
          .slice(base.length + 1)
          .split("/")
          .slice(0, -1)
          .map((_, at, names) => `${base}/${names.slice(0, at + 1).join("/")}`),
      )
      .flatMap((folder) => [`${uid}:${gid}`, folder]);
  });
  if (owned.length > 0) await host.run(["sh", "-c", 'while [ $# -gt 0 ]; do chown "$1" "$2"; shift 2; done', "sh", ...owned]);
}

const makeRoots = 'for d; do mkdir -p "$d" && chown 0:0 "$d" && chmod 0755 "$d"; done';

/**
 * Makes what settings name and the user's files do not hold: a RevokedKeys file that cannot be read refuses every key, a ChrootDirectory
 * that is missing ends every session. Returns notes for a person.
 */
export async function makeFilesThatSettingsName(
  host: Host,
  logins: readonly { account: Account; settings: EffectiveSettings }[],
): Promise<string[]> {
  const notes = new Set<string>();
  const revoked = new Set<string>();
  const roots = new Set<string>();
  for (const { account, settings } of logins) {
    for (const path of effectiveValue(settings, "revokedkeys").split(/\s+/)) if (path.startsWith("/")) revoked.add(path);
    const root = authorizedKeysPaths(effectiveValue(settings, "chrootdirectory"), account)[0];
    if (root) roots.add(root);
    const command = effectiveValue(settings, "authorizedkeyscommand");
    if (command !== "" && command !== "none")
      notes.add(`AuthorizedKeysCommand ${command} is not run: accounts have the keys that the policy names`);
  }
  for (const path of revoked) {
    if ((await host.readFile(path)) !== undefined) continue;
    await host.writeFiles({ [path]: { content: "" } });
    notes.add(`RevokedKeys ${path} was not supplied: replaced by an empty file`);
  }
  if (roots.size > 0) {
    await host.run(["sh", "-c", makeRoots, "sh", ...roots]);
    notes.add(`ChrootDirectory ${[...roots].join(", ")} created, owned by root and otherwise empty`);
  }
  return [...notes];
}
