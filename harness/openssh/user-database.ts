/** A server's /etc/passwd, /etc/group and /etc/shadow: the accounts that its C library, and with it sshd, nft and iptables, know. Pure. */
import { type Place, UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import type { SshdConfig } from "./sshd-config.ts";

export interface ListedAccount {
  name: string;
  uid: number;
  /** Of its primary group. */
  gid: number;
  home: string;
  shell: string;
  place: Required<Pick<Place, "file" | "line">>;
}

export interface ListedGroup {
  name: string;
  gid: number;
  /** Those that the file lists; whoever has it as primary group is a member, too. */
  members: readonly string[];
}

/** What /etc/shadow says about whether an account may log in at all. Passwords are not kept. */
export interface LoginLimits {
  /** The password begins with `!`: an sshd without PAM refuses the account. */
  locked: boolean;
  /** Days since 1970-01-01 after which the account has expired. */
  expires?: number;
}

export interface UserDatabase {
  /** Each name once: of several lines, the first one counts. */
  accounts: readonly ListedAccount[];
  groups: readonly ListedGroup[];
  /** By account. Undefined: nobody gave /etc/shadow. */
  limits: Readonly<Record<string, LoginLimits>> | undefined;
  /** Where accounts that these files do not list may come from, e.g. `sss`. */
  elsewhere: readonly string[];
  /** As messages name them. */
  files: { passwd: string; group: string };
}

/** A file of the server, as the user has it. */
export interface DatabaseFile {
  text: string;
  display: string;
}

interface DatabaseFiles {
  passwd: DatabaseFile;
  group: DatabaseFile;
  shadow?: DatabaseFile | undefined;
  nsswitch?: DatabaseFile | undefined;
}

/** @throws UserError `accounts-file` with file and line for what is no such line: the C library would skip it, or take it for another account */
export function readUserDatabase({ passwd, group, shadow, nsswitch }: DatabaseFiles): UserDatabase {
  const users = rowsOf(passwd, "passwd");
  const teams = rowsOf(group, "group");
  return {
    accounts: firstOfEach(users.rows).map(({ fields: [name = "", , uid, gid, , home = "", shell = ""], line }) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home: home || "/",
      shell: shell || "/bin/sh",
      place: { file: passwd.display, line },
    })),
    groups: firstOfEach(teams.rows).map(({ fields: [name = "", , gid, members = ""] }) => ({
      name,
      gid: Number(gid),
      members: members.split(",").filter((member) => member !== ""),
    })),
    limits:
      shadow &&
      Object.fromEntries(
        firstOfEach(rowsOf(shadow, "shadow").rows).map(({ fields: [name = "", password = "", , , , , , expires = ""] }) => [
          name,
          { locked: /^(!|\*LK\*)/.test(password), ...(expires === "" || Number(expires) < 1 ? {} : { expires: Number(expires) }) },
        ]),
      ),
    elsewhere: [...new Set([...(users.nis || teams.nis ? ["nis"] : []), ...(nsswitch ? foreignSources(nsswitch.text) : [])])],
    files: { passwd: passwd.display, group: group.display },
  };
}

/** The text of /etc/shadow without what nobody else is to see: whatever is not a lock. */
export function withoutPasswords(shadow: string): string {
  return shadow.replaceAll(/^([^:\n#]+):(!|\*LK\*)?[^:\n]*/gm, (_, name: string, lock = "*") => `${name}:${lock}`);
}

export function accountIn(users: UserDatabase | undefined, name: string): ListedAccount | undefined {
  return users?.accounts.find((account) => account.name === name);
}

/** All groups of an account as sshd sees them, the primary one first. A group without a name is in no pattern. */
export function groupsIn({ groups }: UserDatabase, { name, gid }: Pick<ListedAccount, "name" | "gid">): string[] {
  const primary = groups.find((group) => group.gid === gid);
  return [
    ...new Set([...(primary ? [primary] : []), ...groups.filter(({ members }) => members.includes(name))].map((group) => group.name)),
  ];
}

/** Groups of a login. Without the server's files: those that are stated, and one of its own name, as most systems give each account. */
export function groupsOfLogin(name: string, stated: readonly string[] | undefined, users: UserDatabase | undefined): string[] {
  const listed = accountIn(users, name);
  return users && listed ? groupsIn(users, listed) : [name, ...(stated ?? [])];
}

/**
 * Without PAM, sshd itself looks whether an account is locked. `UsePAM` is no by default and may not stand in a Match; the command line comes first.
 * Source: OpenSSH `auth.c` `allowed_user`.
 */
export function refusesLocked({ lines }: Pick<SshdConfig, "lines">, options: readonly string[]): boolean {
  const typed = options.map((each) => /^usepam=(.*)$/i.exec(each)?.[1]).find((value) => value !== undefined);
  return !/^yes$/i.test(typed ?? lines.find(({ keyword }) => keyword === "usepam")?.args[0] ?? "no");
}

interface Row {
  fields: string[];
  line: number;
}

type Kind = FaultParams<"accounts-line">["kind"];

/** Fields of a line, and which of them hold a number. Source: passwd(5), group(5), shadow(5). */
const forms: Record<Kind, { fields: number; least: number; numbers: readonly number[]; form: string }> = {
  passwd: { fields: 7, least: 7, numbers: [2, 3], form: "NAME:PASSWORD:UID:GID:COMMENT:HOME:SHELL" },
  group: { fields: 4, least: 4, numbers: [2], form: "NAME:PASSWORD:GID:MEMBERS" },
  shadow: { fields: 9, least: 2, numbers: [], form: "NAME:PASSWORD:…, nine fields" },
};

/** As the C library reads them: blank lines and comments are skipped, lines of NIS begin with `+` or `-`. */
function rowsOf({ text, display }: DatabaseFile, kind: Kind): { rows: Row[]; nis: boolean } {
  const rows = text
    .split("\n")
    .map((content, at) => ({ content: content.trimStart(), line: at + 1 }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"));
  const own = rows.filter(({ content }) => !/^[+-]/.test(content));
  return {
    rows: own.map(({ content, line }) => ({ fields: fieldsOf(content, kind, { file: display, line }), line })),
    nis: own.length < rows.length,
  };
}

function fieldsOf(content: string, kind: Kind, place: Place): string[] {
  const { fields: most, least, numbers, form } = forms[kind];
  const fields = content.split(":");
  const [name = ""] = fields;
  const isNumber = (at: number) => /^\d{1,10}$/.test(fields[at] ?? "") && Number(fields[at]) < 2 ** 32;
  const wrongNumber = numbers.find((at) => !isNumber(at));
  if (fields.length > most || fields.length < least) throw lineError(kind, place, { found: fields.length, is: "fields", form });
  if (!/^[^\s/,]+$/.test(name)) throw lineError(kind, place, { found: name, is: "name", form });
  if (wrongNumber !== undefined) throw lineError(kind, place, { found: fields[wrongNumber] ?? "", is: "number", form });
  return fields;
}

type Wrong = Omit<FaultParams<"accounts-line">, "kind">;

/** What a line of /etc/shadow holds is not told. */
function lineError(kind: Kind, place: Place, { found, is, form }: Wrong): UserError {
  const instead = { fields: `${found} fields`, name: `the name "${found}"`, number: `"${found}" where a number stands` };
  return new UserError("accounts-file", `not a line of /etc/${kind}`, {
    place,
    fault: faultOf("accounts-line", { kind, found, is, form }),
    found: instead[is],
    expected: form,
    todo: "copy the file again, unchanged; if the server's own is like that, pwck and grpck find it there",
  });
}

function firstOfEach(rows: readonly Row[]): Row[] {
  return rows.filter(({ fields: [name] }, at) => rows.findIndex(({ fields: [other] }) => other === name) === at);
}

/** Sources that read these files, or that know no account of a person's. Source: nsswitch.conf(5), nss-systemd(8). */
const local = new Set(["files", "compat", "systemd"]);

function foreignSources(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [, sources = ""] = /^\s*(?:passwd|group)\s*:([^#]*)/.exec(line) ?? [];
    return sources
      .replaceAll(/\[[^\]]*\]/g, " ")
      .split(/\s+/)
      .filter((source) => source !== "" && !local.has(source));
  });
}
