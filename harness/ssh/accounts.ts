/** Pure edits of /etc/passwd, /etc/group and /etc/shadow. Nothing else is assumed of the image. */
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import type { UserDatabase } from "../openssh/user-database.ts";

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
  /** What was changed about accounts that the image already had. */
  notes: HostAdaptation[];
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
 * The server's own tables, without passwords.
 * @param locks whether sshd looks at them: with PAM it does not
 */
export function listedFiles({ accounts, groups, limits = {} }: UserDatabase, locks: boolean): AccountFiles {
  const shadow = accounts.map(({ name }) => {
    const { locked = false, expires = "" } = limits[name] ?? {};
    return [name, locked && locks ? "!" : "*", "19000", "0", "99999", "7", "", String(expires), ""];
  });
  return {
    passwd: text(accounts.map(({ name, uid, gid, home, shell }) => [name, "x", String(uid), String(gid), "", home, shell])),
    group: text(groups.map(({ name, gid, members: all }) => [name, "x", String(gid), all.join(",")])),
    shadow: text(shadow),
  };
}

/**
 * Adds accounts and groups. An account that exists keeps its uid, home and shell; it only gets the groups, and a lock (`!` or `*LK*`) is taken off,
 * because sshd refuses locked accounts. New ones get a group of their own name, /home/NAME, /bin/sh, and `*` as password (no password fits, not locked).
 * `extraGroups` are made without members. `ours`: names that an earlier call made: they keep their home, and their uid unless another is asked for; shell
 * and groups are those of this request alone. `keepLocks`: the tables are the server's own, and so are their locks.
 */
export function addAccounts(
  files: AccountFiles,
  requests: readonly AccountRequest[],
  extraGroups: readonly string[] = [],
  ours: ReadonlySet<string> = new Set(),
  keepLocks = false,
): AccountEdit {
  const tables = new AccountTables(files, keepLocks);
  const accounts = requests.map((request) => tables.add(request, ours.has(request.name)));
  for (const name of extraGroups) tables.ensureGroup(name);
  for (const account of accounts) account.groups = tables.groupsOf(account);
  return { files: tables.files(), accounts, notes: tables.notes };
}

class AccountTables {
  readonly notes: HostAdaptation[] = [];
  readonly #passwd: Row[];
  readonly #group: Row[];
  readonly #shadow: Row[] | undefined;
  readonly #keepLocks: boolean;

  constructor({ passwd, group, shadow }: AccountFiles, keepLocks: boolean) {
    this.#keepLocks = keepLocks;
    this.#passwd = rows(passwd);
    this.#group = rows(group);
    this.#shadow = shadow === undefined ? undefined : rows(shadow);
  }

  /** Its groups are known once all accounts and groups are there. */
  add(request: AccountRequest, ours: boolean): Account {
    const { name, groups = [] } = request;
    const known = this.#passwd.find((row) => row[0] === name);
    if (known && ours) this.#reset(known, request);
    if (known) this.#adopt(known, request);
    const row = known ?? this.#create(request);
    for (const group of groups) this.#join(row, group);
    return {
      name,
      uid: Number(row[2]),
      gid: Number(row[3]),
      home: row[5] ?? "/",
      shell: row[6] || "/bin/sh",
      groups: [],
      existing: known !== undefined,
    };
  }

  /** What an earlier request gave it is taken back. */
  #reset(row: Row, { name, uid }: AccountRequest): void {
    row[6] = newShell;
    if (uid !== undefined) row[2] = String(uid);
    for (const group of this.#group) {
      const others = members(group).filter((member) => member !== name);
      group[3] = others.join(",");
    }
  }

  #adopt(row: Row, { name, shell }: AccountRequest): void {
    if (shell !== undefined) row[6] = shell;
    if (this.#keepLocks) return;
    const holder = this.#shadow?.find((entry) => entry[0] === name) ?? row;
    if (!/^(!|\*LK\*)/.test(holder[1] ?? "")) return;
    holder[1] = "*";
    this.notes.push(adapted("account-unlocked", { account: name }));
  }

  #create({ name, uid = freeId([this.#passwd, this.#group]), shell = newShell }: AccountRequest): Row {
    const taken = this.#group.some((row) => Number(row[2]) === uid);
    const gid = this.ensureGroup(name, taken ? undefined : uid)[2] as string;
    const row = [name, this.#shadow ? "x" : "*", String(uid), gid, "", `/home/${name}`, shell];
    this.#passwd.push(row);
    this.#shadow?.push([name, "*", "19000", "0", "99999", "7", "", "", ""]);
    return row;
  }

  #join(account: Row, name: string): void {
    const group = this.ensureGroup(name);
    const [user = ""] = account;
    if (group[2] !== account[3] && !members(group).includes(user)) group[3] = [...members(group), user].join(",");
  }

  ensureGroup(name: string, gid?: number): Row {
    const known = this.#group.find((row) => row[0] === name);
    if (known) return known;
    const row = [name, "x", String(gid ?? freeId([this.#passwd, this.#group])), ""];
    this.#group.push(row);
    return row;
  }

  /** The primary one first. */
  groupsOf({ name, gid }: Account): string[] {
    const primary = this.#group.find((row) => Number(row[2]) === gid)?.[0];
    const others = this.#group.filter((row) => members(row).includes(name)).map((row) => row[0] as string);
    return [...new Set([...(primary ? [primary] : []), ...others])];
  }

  files(): AccountFiles {
    return { passwd: text(this.#passwd), group: text(this.#group), shadow: this.#shadow && text(this.#shadow) };
  }
}
