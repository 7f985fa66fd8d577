/** Room on the file system that a folder is, or will be, on; and what is said where there is none. */

import { accessSync, constants, existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

const GIB = 2 ** 30;

export async function freeGib(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(nearest(folder));
  return (bavail * bsize) / GIB;
}

/** Whether this account may write in a folder, or make it. */
export function isWritable(folder: string): boolean {
  try {
    accessSync(nearest(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder, or the first above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

/**
 * Asked before tools are run that do not end when the disk is full: apt-get waits for ever.
 * @throws UserError `engine.disk-full`
 */
export async function requireFree(folder: string, gib: number): Promise<void> {
  const free = await freeGib(folder);
  if (free >= gib) return;
  throw new UserError("engine.disk-full", `not enough disk space for ${folder}`, {
    found: `${free.toFixed(2)} GiB free`,
    fault: faultOf("disk-full", { gib }),
    expected: `${gib} GiB or more`,
    todo: "free some space, or set FORWARDLAB_CACHE to another folder",
  });
}

/** True when a tool's output says that the disk is full. */
export function saysDiskFull(output: string): boolean {
  return /no space left on device|ENOSPC|You don't have enough free space|disk quota exceeded/i.test(output);
}

/** @param what cannot be done on the engine's disk */
export function engineFull(what: string, cause: unknown): UserError {
  return new UserError("engine.disk-full", `${what}: the engine's disk is full`, {
    found: (cause as Error).message,
    fault: faultOf("engine-disk-full", {}),
    todo: "free some space (`docker system df` shows what uses it), then run it again",
    cause,
  });
}
