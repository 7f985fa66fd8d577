/** Pure edits of /etc/passwd, /etc/group and /etc/shadow. Nothing else is assumed of the image. */

export interface AccountFiles {
  passwd: string;
  group: string;
  /** Undefined: the image has no /etc/shadow. */
  shadow: string | undefined;
}

export interface AccountRequest {
  name: string;
  uid?: number;
  /** Supplementary groups; made when missing. */
  groups?: readonly string[];
  /** Login shell; default /bin/sh, or what the image has for the account. */
  shell?: string;
}

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
  /** All groups, the primary one first. */
  groups: string[];
  /** True when the image had this account already. */
  existing: boolean;
}

export interface AccountEdit {
  files: AccountFiles;
  accounts: Account[];
  /** For a person: what was changed about accounts that the image already had. */
  notes: string[];
}

type Row = string[];

function rows(text: string): Row[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

function text(table: Row[]): string {
  return table.map((row) => `${row.join(":")}\n`).join("");
}

const newShell = "/bin/sh";

function members(group: Row): string[] {
  return (group[3] ?? "").split(",").filter(Boolean);
}

/** Smallest number from 1000 up that no row has in column `column` of either table (accounts and groups keep the same number). */
function freeId(tables: Row[][]): number {
  const used = new Set(tables.flatMap((table) => table.map((row) => Number(row[2]))));
  let id = 1000;
  while (used.has(id)) id++;
  return id;
}

/**
 * Adds accounts and groups. An account that exists keeps its uid, home and shell; it only gets the groups, and a lock (`!` or `*LK*`) is taken off,
 * because sshd refuses locked accounts. New ones get a group of their own name, /home/NAME, /bin/sh, and `*` as password (no password fits, not locked).
 * `extraGroups` are made without members. `ours`: names that an earlier call made: they keep their home, and their uid unless another is asked for; shell
 * and groups are those of this request alone.
 */
export function addAccounts(
  files: AccountFiles,
  requests: readonly AccountRequest[],
  extraGroups: readonly string[] = [],
  ours: ReadonlySet<string> = new Set(),
): AccountEdit {
  const passwd = rows(files.passwd);
  const group = rows(files.group);
  const shadow = files.shadow === undefined ? undefined : rows(files.shadow);
  const notes: string[] = [];

  const ensureGroup = (name: string, gid?: number): Row => {
    const known = group.find((row) => row[0] === name);
    if (known) return known;
    const row = [name, "x", String(gid ?? freeId([passwd, group])), ""];
    group.push(row);
    return row;
  };

  const accounts = requests.map((request): Account => {
    let row = passwd.find((entry) => entry[0] === request.name);
    const existing = row !== undefined;
    if (row && ours.has(request.name)) {
      row[6] = newShell;
      if (request.uid !== undefined) row[2] = String(request.uid);
      for (const entry of group)
        entry[3] = members(entry)
          .filter((member) => member !== request.name)
          .join(",");
    }
    if (!row) {
      const uid = request.uid ?? freeId([passwd, group]);
      const gid = ensureGroup(request.name, group.some((entry) => Number(entry[2]) === uid) ? undefined : uid)[2] as string;
      row = [request.name, shadow ? "x" : "*", String(uid), gid, "", `/home/${request.name}`, request.shell ?? newShell];
      passwd.push(row);
      shadow?.push([request.name, "*", "19000", "0", "99999", "7", "", "", ""]);
    } else {
      if (request.shell !== undefined) row[6] = request.shell;
      const secret = shadow?.find((entry) => entry[0] === request.name);
      const holder = secret ?? row;
      if (/^(!|\*LK\*)/.test(holder[1] ?? "")) {
        holder[1] = "*";
        notes.push(`account ${request.name} of the image was locked; unlocked, without a password`);
      }
    }
    for (const name of request.groups ?? []) {
      const entry = ensureGroup(name);
      if (entry[2] !== row[3] && !members(entry).includes(request.name)) entry[3] = [...members(entry), request.name].join(",");
    }
    return {
      name: request.name,
      uid: Number(row[2]),
      gid: Number(row[3]),
      home: row[5] ?? "/",
      shell: row[6] || "/bin/sh",
      groups: [],
      existing,
    };
  });
  for (const name of extraGroups) ensureGroup(name);
  for (const account of accounts) {
    const primary = group.find((row) => Number(row[2]) === account.gid)?.[0];
    const others = group.filter((row) => members(row).includes(account.name)).map((row) => row[0] as string);
    account.groups = [...new Set([...(primary ? [primary] : []), ...others])];
  }
  return { files: { passwd: text(passwd), group: text(group), shadow: shadow && text(shadow) }, accounts, notes };
}
