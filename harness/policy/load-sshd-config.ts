/** The user's sshd_config from the disk. */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import { type ReadConfigOptions, readSshdConfig, type SshdConfig } from "../openssh/sshd-config.ts";
import { GivenFiles, type GivenPath } from "./given-files.ts";

const sshFolder = "/etc/ssh";

/**
 * The server's files, as far as they are given: a folder stands for /etc/ssh; of a single file's neighbours, only folders and files of the names
 * that /etc/ssh has (sshd_config.d, and what else an Include names) are the server's.
 * Throws UserError `sshd-config` when there is no such file or folder.
 */
export async function serverTree(path: string, display: string, others: readonly GivenPath[] = []): Promise<FileTree> {
  const kind = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError("sshd-config", `cannot read ${display}: ${error.code ?? error.message}`, {
      fault: faultOf("sshd-config-unreadable", { file: display, missing: error.code === "ENOENT", said: error.code ?? error.message }),
      place: { file: display },
      found: error.code === "ENOENT" ? "nothing there" : error.message,
      expected: "an sshd_config file, or a folder laid out like /etc/ssh",
      todo: "check the path, and that you may read it",
    });
  });
  if (kind.isDirectory()) return new GivenFiles([{ host: sshFolder, local: path, display }, ...others]);
  const main = { host: `${sshFolder}/sshd_config`, local: path, display };
  const beside = new GivenFiles([main, { host: sshFolder, local: dirname(path), display: dirnameOf(display) }, ...others]);
  const alone = new GivenFiles([main, ...others]);
  return {
    // What is not beside a single file may well be on the server.
    look: async (asked) => {
      const entry = await beside.look(asked);
      return entry.kind === "missing" ? alone.look(asked) : entry;
    },
  };
}

function dirnameOf(display: string): string {
  const folder = dirname(display);
  return folder === "." ? "" : folder;
}

/**
 * Reads a config: a file, or a folder laid out like /etc/ssh. `display` is how messages name it (default: `path`).
 * `Include` resolves as sshd would: relative to /etc/ssh, which is the folder (or the file's own folder).
 * Throws UserError `sshd-config` when it cannot be read, `sshd-include` when it reads a file that is not given.
 */
export async function loadSshdConfig(
  path: string,
  display: string = path,
  options: Omit<ReadConfigOptions, "display"> = {},
): Promise<SshdConfig> {
  return readSshdConfig(await serverTree(path, display), { display, ...options });
}
