/**
 * A second watchdog, on the harness's side of the engine, for the moments in which the fabric cannot act: a container
 * created and not yet started. A waiting shell costs a millisecond; only when the harness dies without a word does it
 * become a Node process that removes whatever carries the lab's label.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Watchdog {
  /** The lab has ended, or is to be kept: stand down. */
  dismiss(): void;
}

/** `endpoint`: as a process of its own finds the engine. */
export function startWatchdog(lab: string, endpoint: string): Watchdog {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const script = fileURLToPath(new URL(`./remove-lab.${extension}`, import.meta.url));
  const child = spawn(
    "/bin/sh",
    ["-c", 'read -r word; [ "$word" = done ] || exec "$0" --no-warnings "$1" "$2"', process.execPath, script, lab],
    {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...process.env, DOCKER_HOST: endpoint },
    },
  );
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return { dismiss: () => child.stdin.end("done\n") };
}
