/** A folder for files that a run needs on disk. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Empty, and this account's alone; gone when it is disposed of. Where this process is killed before, a shell that waits for its end removes it.
 * @param purpose one word, part of the folder's name
 * @param unique tells it from others of that purpose
 */
export async function temporaryFolder(purpose: string, unique = randomBytes(6).toString("hex")): Promise<TemporaryFolder> {
  const path = join(tmpdir(), `forwardlab-${purpose}-${unique}`);
  // Before the folder is there: no moment may be without it.
  const heir = startHeir(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    heir.dismiss();
    throw error;
  }
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      heir.dismiss();
    },
  };
}

/** In a session of its own, so that Ctrl-C does not end it as well. */
function startHeir(path: string): { dismiss(): void } {
  const child = spawn("/bin/sh", ["-c", 'read -r word; [ "$word" = done ] || exec rm -rf -- "$0"', path], {
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return { dismiss: () => child.stdin.end("done\n") };
}
