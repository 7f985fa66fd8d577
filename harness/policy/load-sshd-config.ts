/** The user's sshd_config from the disk. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../core/errors.ts";
import { type ConfigFolder, readSshdConfig, type SshdConfig } from "../openssh/sshd-config.ts";

/**
 * Reads a config: a file, or a folder laid out like /etc/ssh. `display` is how messages name it (default: `path`).
 * `Include` resolves as sshd would: relative to /etc/ssh, which is the folder (or the file's own folder); other absolute paths are not followed.
 * Throws UserError `sshd-config` when it cannot be read.
 */
export async function loadSshdConfig(path: string, display: string = path): Promise<SshdConfig> {
  const kind = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError("sshd-config", `cannot read ${display}: ${error.code ?? error.message}`, {
      place: { file: display },
      expected: "an sshd_config file, or a folder laid out like /etc/ssh",
    });
  });
  const isFolder = kind.isDirectory();
  const root = isFolder ? path : dirname(path);
  const main = isFolder ? "sshd_config" : basename(path);
  const displayRoot = isFolder ? display.replace(/\/+$/, "") : dirname(display);
  const local = (relative: string) => join(root, relative === "sshd_config" ? main : relative);
  const folder: ConfigFolder = {
    read: (relative) => readFile(local(relative)).catch(() => undefined),
    list: (relative) => readdir(local(relative)).catch(() => []),
    display: (relative) => join(displayRoot, relative === "sshd_config" ? main : relative),
  };
  return readSshdConfig(folder, display);
}
