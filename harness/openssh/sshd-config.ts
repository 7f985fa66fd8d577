/** The user's sshd_config: which files it is made of, and on which line each setting stands. sshd itself does the parsing. */

import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { textOf } from "../core/plain-text.ts";
import { type Warning, warning } from "../core/warning.ts";
import { lexConfigLine, malformation } from "./config-lexer.ts";
import { byBytes, expandPattern, type FileTree, singleFile, type TreeEntry } from "./file-tree.ts";

/** Where sshd looks for its files in the lab. */
const sshFolder = "/etc/ssh";
const mainFile = `${sshFolder}/sshd_config`;
/** OpenSSH `servconf.c` `SERVCONF_MAX_DEPTH`. */
const maxDepth = 16;
/** Files read, each as often as it is included: files that each include the next one twice are soon a million. */
const mostIncluded = 4096;

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
  /** Lines that sshd cannot take apart. */
  readonly malformed: readonly { text: string; file: string; line: number }[];
  /** Host path -> bytes, to upload: the config, and files beside it that a setting names. Never keys. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The same as the user has them: `files` before any change that `adaptations` lists. */
  readonly read: Readonly<Record<string, Uint8Array>>;
  /** Host path -> the user's file. */
  readonly displayOf: Readonly<Record<string, string>>;
  /** For a person: an Include that matches no file, and the like. */
  readonly warnings: readonly Warning[];
  /** For a person: what was changed in these files before they are used. */
  readonly adaptations: readonly HostAdaptation[];
}

/** Keywords whose files belong to the server's identity or to its users: the lab has its own. */
const ownFiles = /^(hostkey|hostcertificate|authorizedkeysfile|authorizedkeyscommand|authorizedprincipalscommand|hostkeyagent)$/;

/**
 * Folders whose files set cryptographic algorithms and nothing else: an Include of one is no reason to doubt who may forward what.
 * Source: crypto-policies(7), "opensshserver".
 */
const algorithmsOnly = /^\/(etc|usr\/share)\/crypto-policies\//;

/** A config that is at hand as text, without other files. */
export async function sshdConfigFromText(text: string, display = "sshd_config"): Promise<SshdConfig> {
  return readSshdConfig(singleFile(mainFile, new TextEncoder().encode(text), display), { display });
}

export interface ReadConfigOptions {
  /** What the user named: a file or a folder. */
  display: string;
  /** Keywords that only the server's own sshd knows: their lines are commented out. Any case. */
  ignoredKeywords?: readonly string[];
}

/**
 * Reads a config out of the server's files. Throws UserError `sshd-config` when there is no /etc/ssh/sshd_config, `sshd-include` when an Include,
 * or a symbolic link, leads to a place that nobody gave.
 */
export async function readSshdConfig(tree: FileTree, options: ReadConfigOptions): Promise<SshdConfig> {
  const reader = new ConfigReader(tree, options);
  return reader.read();
}

class ConfigReader {
  readonly #tree: FileTree;
  readonly #display: string;
  readonly #ignored: ReadonlySet<string>;
  readonly #lines: ConfigLine[] = [];
  readonly #malformed: { text: string; file: string; line: number }[] = [];
  readonly #files: Record<string, Uint8Array> = {};
  readonly #read: Record<string, Uint8Array> = {};
  readonly #displayOf: Record<string, string> = {};
  readonly #warnings: Warning[] = [];
  readonly #adaptations: HostAdaptation[] = [];
  #included = 0;

  constructor(tree: FileTree, { display, ignoredKeywords = [] }: ReadConfigOptions) {
    this.#tree = tree;
    this.#display = display;
    this.#ignored = new Set(ignoredKeywords.map((keyword) => keyword.toLowerCase()));
  }

  async read(): Promise<SshdConfig> {
    const main = await this.#tree.look(mainFile);
    if (main.kind !== "file")
      throw new UserError("sshd-config", `${this.#display} contains no readable sshd_config`, {
        fault: faultOf("sshd-config-none", { path: this.#display }),
        place: { file: `${this.#display.replace(/\/+$/, "")}/sshd_config` },
        expected: "an sshd_config file, or a folder laid out like /etc/ssh",
      });
    await this.#parse(mainFile, main, [], 0);
    await this.#findUnread();
    await this.#readNamedFiles();
    return {
      display: this.#display,
      lines: this.#lines,
      malformed: this.#malformed,
      files: this.#files,
      read: this.#read,
      displayOf: this.#displayOf,
      warnings: this.#warnings,
      adaptations: this.#adaptations,
    };
  }

  async #parse(hostPath: string, entry: TreeEntry & { kind: "file" }, outer: readonly MatchLine[], depth: number): Promise<void> {
    const file = entry.display;
    const texts = textOf(entry.content).split("\n");
    const seen = hostPath in this.#files;
    this.#keep(hostPath, entry);
    let commented = false;
    // A Match in an included file ends with that file: `match` is this call's own.
    let match = outer;
    for (const [index, text] of texts.entries()) {
      const lexed = lexConfigLine(text);
      const line = index + 1;
      if (!lexed) {
        this.#checkForm(text, { file, line });
        continue;
      }
      if (this.#ignored.has(lexed.keyword)) {
        texts[index] = `#${text}`;
        commented = true;
        if (!seen) this.#adaptations.push(adapted("keyword-commented-out", { place: `${file}:${line}`, keyword: lexed.keyword }));
      } else if (lexed.keyword === "match") {
        this.#lines.push({ ...lexed, hostPath, file, line, match: outer });
        match = [...outer, { criteria: lexed.args, file, line }];
      } else if (lexed.keyword === "include") {
        if (depth >= maxDepth) throw tooManyIncludes("loop", text, { file, line });
        for (const pattern of lexed.args) await this.#include(pattern, { file, line }, match, depth);
      } else {
        this.#lines.push({ ...lexed, hostPath, file, line, match });
      }
    }
    if (commented) this.#files[hostPath] = new TextEncoder().encode(texts.join("\n"));
  }

  #checkForm(text: string, place: { file: string; line: number }): void {
    const why = malformation(text);
    if (why !== undefined) this.#malformed.push({ text: why, ...place });
  }

  async #include(pattern: string, place: Place & { line: number }, match: readonly MatchLine[], depth: number): Promise<void> {
    const absolute = /^[/~]/.test(pattern) ? pattern : `${sshFolder}/${pattern}`;
    const { paths, notGiven } = absolute.startsWith("/") ? await expandPattern(this.#tree, absolute) : { paths: [], notGiven: [] };
    let read = 0;
    for (const path of paths) {
      const entry = await this.#tree.look(path);
      if (entry.kind === "not-given") notGiven.push(entry);
      if (entry.kind !== "file") continue;
      read++;
      if (++this.#included > mostIncluded) throw tooManyIncludes("too-many", `Include ${pattern}`, place);
      await this.#parse(path, entry, match, depth + 1);
    }
    for (const { path, link } of notGiven) {
      if (!algorithmsOnly.test(path)) throw notGivenError(`Include ${pattern}`, path, link, place);
      this.#warnings.push(warning("sshd-include-algorithms", { pattern }, place));
    }
    if (read === 0 && notGiven.length === 0)
      this.#warnings.push(warning("sshd-include-matches-nothing", { pattern, config: this.#display }, place));
  }

  async #findUnread(): Promise<void> {
    const dropIns = await this.#tree.look(`${sshFolder}/sshd_config.d`);
    if (dropIns.kind !== "folder") return;
    for (const name of [...dropIns.names].sort(byBytes)) {
      if (name.endsWith(".conf") && !this.#files[`${sshFolder}/sshd_config.d/${name}`])
        this.#warnings.push(warning("sshd-file-not-read", {}, { file: `${dropIns.display}/${name}` }));
    }
  }

  /** Files that settings name: a link that leads out of what was given is an error, a path elsewhere is the lab's to make or to leave out. */
  async #readNamedFiles(): Promise<void> {
    for (const { keyword, args, file, line } of this.#lines) {
      if (ownFiles.test(keyword)) continue;
      for (const path of args.filter((arg) => arg.startsWith("/"))) {
        if (this.#files[path]) continue;
        const entry = await this.#tree.look(path);
        if (entry.kind === "not-given" && entry.link !== undefined) throw notGivenError(path, entry.path, entry.link, { file, line });
        if (entry.kind !== "file") continue;
        this.#keep(path, entry);
      }
    }
  }

  #keep(hostPath: string, { content, display }: TreeEntry & { kind: "file" }): void {
    this.#files[hostPath] ??= content;
    this.#read[hostPath] = content;
    this.#displayOf[hostPath] = display;
  }
}

const endless = { loop: "files include each other in a loop", "too-many": `more than ${mostIncluded} files are included` };

function tooManyIncludes(why: "loop" | "too-many", text: string, place: Place): UserError {
  return new UserError("sshd-include", `sshd refuses the config: ${endless[why]}`, {
    place,
    fault: faultOf("includes-endless", { why, most: why === "loop" ? maxDepth : mostIncluded }),
    found: text.trim(),
    expected: `at most ${maxDepth} levels of Include`,
    todo: "remove the Include that closes the loop",
  });
}

function notGivenError(what: string, path: string, link: string | undefined, place: Place): UserError {
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  return new UserError("sshd-include", `${what}: no copy of ${path} was supplied, so what sshd reads there is unknown`, {
    place,
    fault: faultOf("include-not-given", { line: what, path, folder, link }),
    found: link === undefined ? path : `${link}, a symbolic link to ${path}`,
    expected: "a folder laid out like /etc/ssh that contains the file, or an entry in `server.files`",
    todo: `copy it from the server and map it: \`server: { files: { ${folder}: ./copy } }\`; or \`${folder}: none\` if it does not exist`,
  });
}
