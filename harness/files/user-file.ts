/** Reads files that a person named, or that a file of theirs names: whatever lies there, the run neither waits for ever nor runs out of memory. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { FoundFile, StrangeFile } from "../core/found-file.ts";

/** Far more than a config, a ruleset or a result has. */
export const mostBytes = 64 * 1024 * 1024;

/** `message` tells what was found instead of a file, `strange` as data. Where the system says no, `code` and `message` are its own. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
  readonly code: string | undefined;
  readonly strange: StrangeFile | undefined;

  constructor(message: string, { code, strange, cause }: { code?: string | undefined; strange?: StrangeFile; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.strange = strange;
  }

  /** For a fault. */
  get found(): FoundFile {
    return this.strange === undefined ? { said: this.message } : { strange: this.strange };
  }
}

/** What a shell gives for `<(command)`: a pipe that has a writer, and ends. */
const ofShell = /^\/(?:dev|proc\/self)\/fd\/\d+$/;

export function isShellPipe(path: string): boolean {
  return ofShell.test(path);
}

/**
 * The bytes of a regular file, or of a pipe that a shell made.
 * @throws UnreadableFile for a folder, a device, a named pipe, a socket, and for more than `mostBytes`
 */
export function readUserFile(path: string): Buffer {
  const piped = isShellPipe(path);
  const descriptor = opened(path, piped);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() && !(piped && found.isFIFO())) {
      const strange = kindOf(found);
      throw new UnreadableFile(kindText[strange], { strange, code: strange === "folder" ? "EISDIR" : undefined });
    }
    return readAll(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same; what cannot be read is told in the caller's words. */
export function readFileOr<Otherwise>(path: string, otherwise: (why: UnreadableFile) => Otherwise): Buffer | Otherwise {
  try {
    return readUserFile(path);
  } catch (error) {
    if (error instanceof UnreadableFile) return otherwise(error);
    throw error;
  }
}

/** The same; undefined where the system does not open it, as ssh goes on without such a file. @param strange for what is no file, or too large */
export function readFileIfThere(path: string, strange: (why: UnreadableFile) => never): Buffer | undefined {
  return readFileOr(path, (why) => (why.code === undefined ? strange(why) : undefined));
}

/** Who opens a named pipe to read waits for a writer, unless told not to. */
function opened(path: string, waits: boolean): number {
  try {
    return openSync(path, constants.O_RDONLY | (waits ? 0 : (constants.O_NONBLOCK ?? 0)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UnreadableFile(message, { code, cause: error });
  }
}

function readAll(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let size = 0; ; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const read = readSync(descriptor, chunk);
    if (read === 0) return Buffer.concat(chunks);
    size += read;
    if (size > mostBytes) throw new UnreadableFile(`more than ${mostBytes / 1024 / 1024} MiB`, { strange: "too-large" });
    chunks.push(chunk.subarray(0, read));
  }
}

/** Of what is no file. */
export function kindOf(found: Pick<Stats, "isDirectory" | "isFIFO" | "isSocket">): Exclude<StrangeFile, "too-large"> {
  if (found.isDirectory()) return "folder";
  if (found.isFIFO()) return "pipe";
  return found.isSocket() ? "socket" : "device";
}

export const kindText = { folder: "a folder", pipe: "a named pipe", socket: "a socket", device: "a device" };
