/** Where forwardlab keeps what it makes on this machine. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The folders and files of one cache folder. Two cache folders never share any of them. */
export interface Cache {
  /** The one folder on disk. */
  folder: string;
  /** Held while something here is being made or removed. */
  lockFile: string;
  /** Debian packages unpacked for our own use, one folder per purpose. */
  tools: string;
  /** Apt lists, when the system has none. */
  aptLists: string;
  /** Temporary folders of base images under construction. */
  scratch: string;
  /** Base images as archives, until an engine has them. */
  bases: string;
  /** The embedded engine's data root, state and log. */
  engine: string;
  /** Sockets and pid files: short, because the path of a Unix socket may have 107 bytes at most; and gone after a reboot, as they should be. */
  run: string;
  /** The embedded engine's own bridge (an interface name has 15 bytes at most). */
  bridge: string;
  /** The embedded engine's endpoint. */
  endpoint: string;
}

/** The cache of this user: `$FORWARDLAB_CACHE`, else `$XDG_CACHE_HOME/forwardlab`, else `~/.cache/forwardlab`. */
export function cacheOf(env: NodeJS.ProcessEnv = process.env): Cache {
  const folder = resolve(env.FORWARDLAB_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "forwardlab"));
  const id = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  const run = `/run/forwardlab/${id}`;
  return {
    folder,
    lockFile: join(folder, "lock"),
    tools: join(folder, "tools"),
    aptLists: join(folder, "apt-lists"),
    scratch: join(folder, "scratch"),
    bases: join(folder, "bases"),
    engine: join(folder, "engine"),
    run,
    bridge: `fwdlab-${id}`,
    endpoint: `unix://${run}/docker.sock`,
  };
}
