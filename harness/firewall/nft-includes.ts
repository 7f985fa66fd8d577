/** Finds the files that nft's `include` names, in the user's copy of /etc. */

import { existsSync, statSync } from "node:fs";
import { posix, relative, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";
import type { AllowedFolders } from "../files/allowed-folders.ts";
import { displayPath, labFolder, outsideError, toPosix } from "./file-paths.ts";
import type { FirewallFile } from "./firewall-files.ts";
import { glob, isGlob } from "./glob.ts";
import type { SourceText, Token } from "./nft-tokens.ts";
import { readFirewallFile } from "./read-firewall-file.ts";

/**
 * Folders that nft searches for a path that begins with neither `/` nor `.`: its built-in one, then that of the file after `-f`
 * (nft 1.1; a pattern is read in each of them, a plain name in the first that has it). Measured with nft 1.1.3.
 */
const searched = [labFolder, labFolder];

/** The user's files below the folder that stands for /etc, and what was read of them. */
export class NftIncludes {
  readonly files: Record<string, FirewallFile> = {};
  readonly #warnings: Warning[] = [];
  readonly #folder: string;
  readonly #displayBase: string;
  readonly #texts = new Map<string, SourceText>();

  readonly #allowed: AllowedFolders;

  constructor(folder: string, displayBase: string, allowed: AllowedFolders) {
    this.#allowed = allowed;
    this.#folder = folder;
    this.#displayBase = displayBase;
  }

  /** Reads one file and remembers it for the lab. */
  read(labPath: string, at?: Token): SourceText {
    const known = this.#texts.get(labPath);
    if (known) return known;
    const path = this.#userPath(labPath);
    const display = displayPath(path, this.#displayBase);
    if (at && !this.#allowed.hold(path)) throw outsideError("firewall-include", display, placeOf(at));
    const { content, text } = readFirewallFile(path, display, at && placeOf(at));
    this.files[labPath] = { content, display };
    const source = { display, text };
    this.#texts.set(labPath, source);
    return source;
  }

  /** @throws UserError when a plain name has no file; a pattern that matches nothing is a warning, because nft goes on */
  open(pattern: string, at: Token): SourceText[] {
    const candidates = foldersFor(pattern).map((folder) => posix.resolve(folder, pattern));
    if (isGlob(pattern)) return this.#openPattern(pattern, candidates, at);
    const found = candidates.find((path) => existsSync(this.#userPath(path)));
    if (found === undefined) throw this.#missing(pattern, candidates[0] ?? pattern, at);
    if (!this.#isFolder(found)) return [this.read(found, at)];
    this.#warnings.push(warning("nft-include-folder", { pattern, files: `${pattern.replace(/\/$/, "")}/*.nft` }, placeOf(at)));
    return [];
  }

  #openPattern(pattern: string, candidates: string[], at: Token): SourceText[] {
    const paths = candidates.flatMap((candidate) =>
      glob(this.#folder, posix.relative(labFolder, candidate)).map((path) =>
        posix.resolve(labFolder, toPosix(relative(this.#folder, path))),
      ),
    );
    const files = paths.filter((path) => !this.#isFolder(path));
    if (files.length === 0) this.#warnings.push(warning("nft-include-matches-nothing", { pattern }, placeOf(at)));
    else if (new Set(files).size < files.length)
      this.#warnings.push(warning("nft-include-twice", { pattern, folder: labFolder }, placeOf(at)));
    return files.map((path) => this.read(path, at));
  }

  #missing(pattern: string, labPath: string, at: Token): UserError {
    const expected = displayPath(this.#userPath(labPath), this.#displayBase);
    return new UserError("firewall-include", "A file that the firewall includes does not exist", {
      fault: faultOf("firewall-include-missing", { include: pattern, expected }),
      place: placeOf(at),
      found: `include "${pattern}"`,
      expected: `${expected} (the ruleset's folder stands for ${labFolder})`,
      todo: "copy the file from the server to that place",
    });
  }

  #isFolder(labPath: string): boolean {
    return statSync(this.#userPath(labPath), { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  #userPath(labPath: string): string {
    return resolve(this.#folder, posix.relative(labFolder, labPath));
  }

  /** A file that is included twice says the same once. */
  get warnings(): Warning[] {
    return distinctWarnings(this.#warnings);
  }
}

function foldersFor(pattern: string): readonly string[] {
  if (pattern.startsWith("/")) return ["/"];
  return pattern.startsWith(".") ? [labFolder] : searched;
}

function placeOf({ file, line, column }: Token) {
  return { file: file.display, line, column };
}
