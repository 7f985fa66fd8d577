/** One process at a time. */

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { makeFolder } from "../files/make-folder.ts";

const SLOW_MS = 1000;

/**
 * Holds the lock, says so, and lets go when its standard input closes: also when the process that asked is killed.
 * The file may have been removed by the one who held it before (`engine rm`): then the lock is on a file that nobody else sees, so again.
 */
const HOLDER =
  'while :; do exec 9>>"$1" && flock -x 9 || exit 1; [ "$1" -ef /proc/self/fd/9 ] && break; done; echo held; exec cat >/dev/null';

/**
 * Takes the lock of `file`; dispose to let go. The kernel lets go when this process ends in any way.
 * Where there is no `flock` (macOS) nothing is locked: what runs under the lock can be repeated without harm.
 * @throws UserError `engine.cache-unwritable`
 */
export async function lock(file: string, progress: Progress): Promise<AsyncDisposable> {
  try {
    makeFolder(dirname(file));
  } catch (error) {
    throw cacheError(file, String(error));
  }
  if (process.platform !== "linux") return { async [Symbol.asyncDispose]() {} };

  // Its own session: Ctrl-C in a terminal must not take the lock away while this process still cleans up.
  const holder = spawn("sh", ["-c", HOLDER, "lock", file], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const slow = setTimeout(() => progress(stepOf("waiting-for-lock", {})), SLOW_MS);
  let complaint = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((done) => holder.on("close", () => done()));
  const held = await new Promise<boolean>((done) => {
    holder.stdout.once("data", () => done(true));
    holder.once("error", (error) => {
      complaint += error.message;
      done(false);
    });
    holder.once("close", () => done(false));
  });
  clearTimeout(slow);
  if (!held) throw cacheError(file, complaint);
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await ended;
    },
  };
}

function cacheError(file: string, log: string): UserError {
  return new UserError("engine.cache-unwritable", `forwardlab's cache folder ${dirname(file)} cannot be used`, {
    fault: faultOf("cache-unusable", { folder: dirname(file) }),
    todo: "make it writable and free some space, or set FORWARDLAB_CACHE to another folder",
    log,
  });
}
