/** Files on the server that logins need: authorized_keys, principals, the keys of CAs. */
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import type { HostFile, HostFolder } from "../lab/host.ts";
import { caFileHas, certificateSettings } from "../openssh/certificate-settings.ts";
import { type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import { authorizedKeysPaths } from "../openssh/login-needs.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { MadeLogins } from "./make-logins.ts";
import type { PreparedAccount } from "./server-accounts.ts";

/** An account's logins, and sshd's settings for each of its connections. */
export interface LoginsOfAccount {
  account: PreparedAccount;
  made: MadeLogins;
  answers: readonly EffectiveSettings[];
}

export interface LoginFiles {
  files: Record<string, HostFile>;
  /** What stands in the place of the user's files. */
  notes: HostAdaptation[];
}

/** Every file that these logins need. A connection that nobody announced may fall under another Match: files lie wherever any line of the config looks for them. */
export function loginFiles(logins: readonly LoginsOfAccount[], config: SshdConfig): LoginFiles {
  const files = new SharedFiles();
  for (const each of logins) {
    addKeyFiles(files, each, config);
    addCaFiles(files, each, config);
    addPrincipalFiles(files, each, config);
  }
  return files.all();
}

function addKeyFiles(files: SharedFiles, { account, made, answers }: LoginsOfAccount, config: SshdConfig): void {
  if (made.keyLines.length === 0) return;
  for (const value of [...answers.map((answer) => effectiveValue(answer, "authorizedkeysfile")), ...keysFileValues(config)]) {
    const [path] = authorizedKeysPaths(value, account);
    if (path) files.add(path, account, made.keyLines, adapted("lab-keys", { path }));
  }
}

/** sshd expands no tokens of TrustedUserCAKeys. */
function addCaFiles(files: SharedFiles, { made, answers }: LoginsOfAccount, config: SshdConfig): void {
  const inForce = answers.map((answer) => certificateSettings(answer).caFile);
  for (const path of named([...inForce, ...valuesOf(config, "trustedusercakeys")]).filter((value) => value.startsWith("/"))) {
    const lines = made.caLines.filter(({ ca }) => ca === undefined || caFileHas(config, path, ca)).map(({ text }) => text);
    files.add(path, undefined, lines, adapted("lab-ca", { path }));
  }
}

function addPrincipalFiles(files: SharedFiles, { account, answers }: LoginsOfAccount, config: SshdConfig): void {
  const inForce = answers.map((answer) => certificateSettings(answer).principalsFile);
  for (const value of named([...inForce, ...valuesOf(config, "authorizedprincipalsfile")])) {
    const [path = ""] = authorizedKeysPaths(value, account);
    const file = principalsAt(path, account) ?? (inForce.includes(value) ? ownPrincipal(path, account) : undefined);
    if (file) files.add(path, account, file.lines, file.note);
  }
}

/** The user's own lines, as they are. */
function principalsAt(path: string, { source }: PreparedAccount): { lines: string[]; note: HostAdaptation } | undefined {
  const given = source.authorizedPrincipals ?? [];
  const file = given.find((each) => each.path === path) ?? given.find((each) => each.path === undefined);
  return file && { lines: file.text.replace(/\n$/, "").split("\n"), note: adapted("principals-copied", { file: file.display, path }) };
}

function ownPrincipal(path: string, { name }: PreparedAccount): { lines: string[]; note: HostAdaptation } {
  return { lines: [name], note: adapted("lab-principal", { account: name, path }) };
}

function valuesOf(config: SshdConfig, keyword: string): (string | undefined)[] {
  return config.lines.filter((line) => line.keyword === keyword).map(({ args }) => args[0]);
}

/** Each once, without `none`. */
function named(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values)].filter((value) => value !== undefined).filter((value) => value.toLowerCase() !== "none");
}

/** Every AuthorizedKeysFile value that can be in force; sshd's default when no global line sets one. */
function keysFileValues(config: SshdConfig): string[] {
  const lines = config.lines.filter((line) => line.keyword === "authorizedkeysfile");
  const values = lines.map((line) => line.args.join(" "));
  return lines.length > 0 && lines.every((line) => line.match.length > 0) ? [...values, ".ssh/authorized_keys"] : values;
}

/** Files by path, each once: accounts may share one. */
class SharedFiles {
  readonly #contents = new Map<string, { lines: string[]; owners: Set<PreparedAccount>; root: boolean; note: HostAdaptation }>();

  /** `owner`: the account that sshd reads it as; undefined: root. What another account has put there is not repeated. */
  add(path: string, owner: PreparedAccount | undefined, lines: readonly string[], note: HostAdaptation): void {
    const entry = this.#contents.get(path) ?? { lines: [], owners: new Set(), root: false, note };
    this.#contents.set(path, entry);
    const known = new Set(entry.lines);
    if (owner) entry.owners.add(owner);
    else entry.root = true;
    entry.lines.push(...lines.filter((line) => !known.has(line)));
  }

  /** sshd reads them as the account, so they must be readable for it, and satisfy StrictModes: owned by the account in its home, else by root, writable for nobody else. */
  all(): LoginFiles {
    const files: Record<string, HostFile> = {};
    for (const [path, { lines, owners, root }] of this.#contents) {
      const [owner] = owners;
      const content = lines.map((line) => `${line}\n`).join("");
      const atHome = owner && owners.size === 1 && !root && path.startsWith(`${owner.home.replace(/\/$/, "")}/`);
      files[path] = atHome ? { content, mode: 0o600, uid: owner.uid, gid: owner.gid } : { content, mode: 0o644 };
    }
    return { files, notes: [...this.#contents.values()].map(({ note }) => note) };
  }
}

/**
 * The folders between an account's home and its keys are the account's own, as they are where it made them: since OpenSSH 10.1 sshd puts the
 * socket of a forwarded agent there.
 */
export function ownKeyFolders(accounts: readonly PreparedAccount[], paths: readonly string[]): HostFolder[] {
  return accounts.flatMap(({ uid, gid, home }) => {
    const base = home.replace(/\/$/, "");
    const below = paths
      .filter((path) => path.startsWith(`${base}/`))
      .map((path) =>
        path
          .slice(base.length + 1)
          .split("/")
          .slice(0, -1),
      );
    const names = below.flatMap((folders) => folders.map((_, at) => folders.slice(0, at + 1).join("/")));
    return [...new Set(names)].map((name) => ({ path: `${base}/${name}`, uid, gid, keep: false }));
  });
}
