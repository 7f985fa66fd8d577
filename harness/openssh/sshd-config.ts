/** The user's sshd_config: which files it is made of, and on which line each setting stands. sshd itself does the parsing. */
import { UserError } from "../core/errors.ts";
import { lexConfigLine } from "./config-lexer.ts";
import { matchPattern } from "./patterns.ts";

/** Where sshd looks for its files in the lab. */
const sshFolder = "/etc/ssh";
const mainFile = `${sshFolder}/sshd_config`;
/** OpenSSH `servconf.c` `SERVCONF_MAX_DEPTH`. */
const maxDepth = 16;

/** One line that sets something, or a `Match` line itself. */
export interface ConfigLine {
  /** Lower case. */
  keyword: string;
  /** Arguments, unquoted. */
  args: string[];
  /** Path in the host, e.g. `/etc/ssh/sshd_config.d/50.conf`. */
  hostPath: string;
  /** The user's file as they name it. */
  file: string;
  /** 1-based. */
  line: number;
  /** The `Match` lines that this line depends on, outermost first; empty: global. */
  match: readonly MatchLine[];
}

/** A `Match` line. */
export interface MatchLine {
  criteria: readonly string[];
  /** The user's file as they name it. */
  file: string;
  /** 1-based. */
  line: number;
}

export interface SshdConfig {
  /** What the user named: a file or a folder. */
  readonly display: string;
  /** Setting lines in the order in which sshd reads them; a file included twice appears twice. */
  readonly lines: readonly ConfigLine[];
  /** Host path -> bytes, to upload: the config, and files beside it that a setting names. Never keys. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Host path -> the user's file. */
  readonly displayOf: Readonly<Record<string, string>>;
  /** For a person: an Include that matches no file, and the like. */
  readonly warnings: readonly string[];
}

/** What stands in /etc/ssh: paths below it -> bytes, and how a person names them. */
export interface ConfigFolder {
  read(relativePath: string): Promise<Uint8Array | undefined>;
  /** Names in a folder (`""`: the top one); empty when there is none. */
  list(relativePath: string): Promise<string[]>;
  display(relativePath: string): string;
}

/** Keywords whose files belong to the server's identity or to its users: the lab has its own. */
const ownFiles = /^(hostkey|hostcertificate|authorizedkeysfile|authorizedkeyscommand|hostkeyagent)$/;

/** A config that is at hand as text, without other files. */
export async function sshdConfigFromText(text: string, display = "sshd_config"): Promise<SshdConfig> {
  const folder: ConfigFolder = {
    read: async (relative) => (relative === "sshd_config" ? new TextEncoder().encode(text) : undefined),
    list: async () => [],
    display: (relative) => (relative === "sshd_config" ? display : relative),
  };
  return readSshdConfig(folder, display);
}

/** Reads a config out of anything that has files. Throws UserError `sshd-config` when there is no `sshd_config` in it. */
export async function readSshdConfig(folder: ConfigFolder, display: string): Promise<SshdConfig> {
  const lines: ConfigLine[] = [];
  const files: Record<string, Uint8Array> = {};
  const displayOf: Record<string, string> = {};
  const warnings: string[] = [];

  const readHostFile = async (hostPath: string): Promise<Uint8Array | undefined> => {
    if (!hostPath.startsWith(`${sshFolder}/`)) return undefined;
    const known = files[hostPath];
    if (known) return known;
    const relative = hostPath.slice(sshFolder.length + 1);
    const content = await folder.read(relative);
    if (!content) return undefined;
    files[hostPath] = content;
    displayOf[hostPath] = folder.display(relative);
    return content;
  };

  const parse = async (hostPath: string, outer: readonly MatchLine[], depth: number): Promise<void> => {
    const content = await readHostFile(hostPath);
    if (!content || depth > maxDepth) return;
    const file = displayOf[hostPath] as string;
    // A Match in an included file ends with that file: `match` is this call's own.
    let match = outer;
    for (const [index, text] of new TextDecoder().decode(content).split("\n").entries()) {
      const lexed = lexConfigLine(text);
      if (!lexed) continue;
      const line = index + 1;
      if (lexed.keyword === "match") {
        lines.push({ ...lexed, hostPath, file, line, match: outer });
        match = [...outer, { criteria: lexed.args, file, line }];
      } else if (lexed.keyword === "include") {
        for (const pattern of lexed.args) {
          const absolute = pattern.startsWith("/") || pattern.startsWith("~") ? pattern : `${sshFolder}/${pattern}`;
          const found = await expand(folder, absolute);
          if (found.length === 0)
            warnings.push(`${file}:${line}: Include ${pattern} matches no file of ${display}; sshd goes on without it`);
          for (const included of found) await parse(included, match, depth + 1);
        }
      } else {
        lines.push({ ...lexed, hostPath, file, line, match });
      }
    }
  };

  if (!(await readHostFile(mainFile)))
    throw new UserError("sshd-config", `${display} holds no readable sshd_config`, {
      place: { file: folder.display("sshd_config") },
      expected: "an sshd_config file, or a folder laid out like /etc/ssh",
    });
  await parse(mainFile, [], 0);

  for (const name of (await folder.list("sshd_config.d")).sort()) {
    const hostPath = `${sshFolder}/sshd_config.d/${name}`;
    if (name.endsWith(".conf") && !files[hostPath])
      warnings.push(`${folder.display(`sshd_config.d/${name}`)}: no Include line reads this file; sshd ignores it`);
  }
  for (const line of lines) {
    if (ownFiles.test(line.keyword)) continue;
    for (const arg of line.args) if (arg.startsWith(`${sshFolder}/`)) await readHostFile(arg);
  }
  return { display, lines, files, displayOf, warnings };
}

/** glob(3) below /etc/ssh: names sorted by bytes, `*` and `?` and `[…]` do not cross slashes nor match a leading dot. */
async function expand(folder: ConfigFolder, pattern: string): Promise<string[]> {
  if (!pattern.startsWith(`${sshFolder}/`)) return [];
  let found = [""];
  for (const part of pattern
    .slice(sshFolder.length + 1)
    .split("/")
    .filter(Boolean)) {
    const next: string[] = [];
    for (const parent of found) {
      const prefix = parent === "" ? "" : `${parent}/`;
      const names = await folder.list(parent);
      if (/[*?[]/.test(part)) for (const name of names.sort(byBytes)) if (matchGlob(name, part)) next.push(prefix + name);
      if (!/[*?[]/.test(part)) next.push(prefix + part);
    }
    found = next;
  }
  const files: string[] = [];
  for (const relative of found) if (await folder.read(relative)) files.push(`${sshFolder}/${relative}`);
  return files;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function matchGlob(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  if (!pattern.includes("[")) return matchPattern(name, pattern);
  const source = pattern.replace(/\[(!|\^)?([^\]]+)\]|[\\^$.+(){}|]|\*|\?/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\^]/g, "\\$&")}]`;
    return token === "*" ? ".*" : token === "?" ? "." : `\\${token}`;
  });
  return new RegExp(`^${source}$`).test(name);
}
