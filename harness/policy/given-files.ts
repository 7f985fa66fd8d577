/** The user's copies of the server's files, looked up by their path on the server. */
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { FoundFile } from "../core/found-file.ts";
import { isMissing } from "../files/is-missing.ts";
import { readFileOr } from "../files/user-file.ts";
import type { FileTree, TreeEntry } from "../openssh/file-tree.ts";

/** A file or folder of the server, and where the user has a copy of it. */
export interface GivenPath {
  /** Absolute path on the server. */
  host: string;
  /** Absolute path here; undefined: the server has nothing there. */
  local: string | undefined;
  /** As messages name it. */
  display: string;
}

/** As in Linux (`MAXSYMLINKS`). */
const maxLinks = 40;

/** Where a path of the server leads. */
type Target =
  | { kind: "here"; local: string; display: string }
  | { kind: "empty"; display: string }
  | { kind: "missing" }
  | { kind: "not-given"; path: string; link?: string };

/** The same on every server: a symbolic link to it disables a distribution's file. */
const emptyFile = "/dev/null";

/**
 * Symbolic links inside a copy are followed as on the server: an absolute target is a path of the server, not of this machine.
 * A copy that is itself a link is followed here.
 */
export class GivenFiles implements FileTree {
  readonly #given: readonly GivenPath[];

  /** A path inside another one's folder outranks it. */
  constructor(given: readonly GivenPath[]) {
    this.#given = [...given].sort((one, other) => other.host.length - one.host.length);
  }

  async look(path: string): Promise<TreeEntry> {
    const target = await this.#resolve(posix.normalize(path));
    if (target.kind === "empty") return { kind: "file", content: new Uint8Array(), display: target.display };
    if (target.kind !== "here") return target;
    const { local, display } = target;
    const found = await seen(stat(local), display);
    if (found?.isDirectory()) return { kind: "folder", names: (await seen(readdir(local), display)) ?? [], display };
    return found ? { kind: "file", content: readCopy(local, display), display } : { kind: "missing" };
  }

  async #resolve(asked: string): Promise<Target> {
    let path = asked;
    let link: string | undefined;
    for (let hops = 0; hops < maxLinks; hops++) {
      const given = this.#given.find(({ host }) => path === host || path.startsWith(host === "/" ? "/" : `${host}/`));
      if (!given && path === emptyFile) return { kind: "empty", display: link ?? path };
      if (!given) return { kind: "not-given", path, ...(link === undefined ? {} : { link }) };
      if (given.local === undefined) return { kind: "missing" };
      const next = await followLinks(given, path.slice(given.host.length).split("/").filter(Boolean));
      if (next.kind !== "link") return next;
      path = posix.resolve("/", next.path);
      link = next.display;
    }
    return { kind: "missing" };
  }
}

/** Walks down a copy until its end, or until a symbolic link. */
async function followLinks(given: GivenPath, parts: readonly string[]): Promise<Target | { kind: "link"; path: string; display: string }> {
  let local = given.local as string;
  for (const [at, part] of parts.entries()) {
    local = join(local, part);
    const found = await seen(lstat(local), showBelow(given, parts.slice(0, at + 1)));
    if (!found) return { kind: "missing" };
    if (!found.isSymbolicLink()) continue;
    const target = posix.resolve(posix.join(given.host, ...parts.slice(0, at)), await readlink(local));
    return { kind: "link", path: posix.join(target, ...parts.slice(at + 1)), display: showBelow(given, parts.slice(0, at + 1)) };
  }
  return { kind: "here", local, display: showBelow(given, parts) };
}

/** Undefined where nothing is. What may not be looked at is not taken for missing: the server has it. */
async function seen<Found>(looking: Promise<Found>, display: string): Promise<Found | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (isMissing(error)) return undefined;
    const { message } = error as Error;
    throw unreadableCopy(display, { said: message }, error);
  }
}

function readCopy(local: string, display: string): Buffer {
  return readFileOr(local, (why) => {
    throw unreadableCopy(display, why.found, why);
  });
}

/** A copy that may not be looked at. */
export function unreadableCopy(display: string, found: FoundFile, cause: unknown): UserError {
  return new UserError("policy-path", `${display} cannot be read`, {
    fault: faultOf("copy-unreadable", { file: display, ...found }),
    place: { file: display },
    found: (cause as Error).message,
    expected: "a copy of the server's file",
    todo: "copy it again as a regular file that you may read",
    cause,
  });
}

function showBelow({ display }: GivenPath, parts: readonly string[]): string {
  return [display.replace(/\/+$/, ""), ...parts].filter((part) => part !== "").join("/");
}
