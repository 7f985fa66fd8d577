/** The accounts of a server, written into its image. */
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import type { Host, HostFile } from "../lab/host.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { type Account, type AccountFiles, type AccountRequest, addAccounts } from "./accounts.ts";

/** Group names that AllowGroups, DenyGroups and Match Group spell out (no patterns). */
export function groupsNamedIn(config: SshdConfig): string[] {
  const names = config.lines.filter((line) => /^(allow|deny)groups$/.test(line.keyword)).flatMap((line) => line.args);
  for (const { criteria } of config.lines.flatMap((line) => line.match)) {
    for (const [i, word] of criteria.entries()) {
      const [name, value] = word.includes("=") ? word.split("=", 2) : [word, criteria[i + 1]];
      if (name?.toLowerCase() === "group" && value) names.push(...value.split(","));
    }
  }
  return [...new Set(names)].filter((name) => /^[A-Za-z_][\w.-]*\$?$/.test(name));
}

/**
 * Makes accounts, groups and home folders in the host; `ours` are accounts that it made before. Returns what they are now, and what was changed.
 * @param listed the server's own tables, in the place of the image's
 */
export async function writeAccounts(
  host: Host,
  requests: readonly AccountRequest[],
  extraGroups: readonly string[],
  ours: ReadonlySet<string>,
  listed: AccountFiles | undefined,
): Promise<{ accounts: Account[]; notes: HostAdaptation[] }> {
  const { passwd, group, shadow } = listed ?? (await tablesOf(host));
  // sshd's privilege separation account: the distribution's package makes it, a hand-made image may not.
  const own = [
    ...(/^_?sshd:/m.test(passwd) ? [] : [{ name: "sshd" }]),
    ...(/^nobody:/m.test(passwd) ? [] : [{ name: "nobody", uid: 65534 }]),
  ];
  const edit = addAccounts({ passwd, group, shadow }, [...requests, ...own], extraGroups, ours, listed !== undefined);
  const files: Record<string, HostFile> = { "/etc/passwd": { content: edit.files.passwd }, "/etc/group": { content: edit.files.group } };
  if (edit.files.shadow !== undefined) {
    const gid = Number(/^shadow:[^:]*:(\d+)/m.exec(group)?.[1] ?? 0);
    files["/etc/shadow"] = { content: edit.files.shadow, mode: 0o640, gid };
  }
  await host.writeFiles(files);
  const accounts = edit.accounts.slice(0, requests.length);
  const uidBefore = new Map(passwd.split("\n").map((line) => [line.split(":")[0], line.split(":")[2]]));
  const moved = accounts.filter(({ name, uid }) => ours.has(name) && uidBefore.get(name) !== String(uid));
  for (const { home, uid, gid } of moved) await host.run(["chown", "-R", `${uid}:${gid}`, home]);
  const shells = [...new Set(accounts.map((account) => account.shell))];
  const homes = accounts.filter(({ home }) => home !== "/").map(({ home: path, uid, gid }) => ({ path, uid, gid, keep: true }));
  const [missing] = await Promise.all([host.missingPrograms(shells), host.writeFiles({}, { folders: homes })]);
  await host.writeFiles(Object.fromEntries(missing.map((shell) => [shell, { content: standIn(shell), mode: 0o755 }])));
  return {
    accounts,
    notes: [...edit.notes, ...missing.map((shell) => adapted("login-shell-replaced", { shell }))],
  };
}

async function tablesOf(host: Host): Promise<AccountFiles> {
  const [passwd = "", group = "", shadow] = await Promise.all(
    ["/etc/passwd", "/etc/group", "/etc/shadow"].map((path) => host.readFile(path)),
  );
  return { passwd, group, shadow };
}

/** sshd turns accounts away whose shell does not exist (`auth.c` `allowed_user`); slim images even lack nologin(8). */
function standIn(shell: string): string {
  const closed = /(nologin|false)$/.test(shell);
  return closed ? '#!/bin/sh\necho "This account is currently not available."\nexit 1\n' : '#!/bin/sh\nexec /bin/sh "$@"\n';
}
