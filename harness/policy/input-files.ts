/** What was read of the user's files: each once, with its hash. */
import { createHash } from "node:crypto";
import { readUserFile } from "../files/user-file.ts";

/** A file of the user, as it was when it was read. */
export interface InputFile {
  /** Relative to the policy file, as reports show it. */
  display: string;
  /** Of the bytes, in hexadecimal. */
  sha256: string;
  content: Buffer;
}

/** A path of the policy: where it is, and how reports show it. */
export interface PolicyPath {
  absolute: string;
  /** Relative to the policy file, with forward slashes, no leading `./`. */
  display: string;
}

/** Collects what is read, in the order in which it was read first. */
export class InputFiles {
  readonly #read = new Map<string, InputFile>();

  /** Text of a file that only this reads. */
  async text({ absolute, display }: PolicyPath): Promise<string> {
    const bytes = readUserFile(absolute);
    this.note(display, bytes);
    return bytes.toString("utf8");
  }

  /** A file that another reader has read. */
  note(display: string, content: string | Uint8Array): void {
    if (this.#read.has(display)) return;
    const sha256 = createHash("sha256").update(content).digest("hex");
    this.#read.set(display, { display, sha256, content: Buffer.from(content) });
  }

  get all(): InputFile[] {
    return [...this.#read.values()];
  }
}
