/** From whatever was thrown to what a person is told. */
import { UserError } from "../core/errors.ts";
import { engineFull, saysDiskFull } from "../engine/disk.ts";
import { limits } from "../lab/confinement.ts";
import { FabricError } from "../lab/fabric-error.ts";

/**
 * What went wrong first: tidying up after it may fail as well, and says nothing new.
 * An engine or a fabric that ended under way becomes a UserError `lab-gone`, a lab that ran into its limits `lab-limit`, a full disk `disk-full` or
 * `engine.disk-full`; everything else stays what it is.
 */
export function failureOf(error: unknown): unknown {
  let first = error;
  while (first instanceof SuppressedError) first = first.suppressed;
  if (first instanceof FabricError && first.kind === "limit") {
    return new UserError("lab-limit", "something in the lab uses more than a lab may", {
      found: first.message,
      expected: `at most ${limits.PidsLimit} processes and ${limits.Memory / 1024 / 1024} MiB of memory for everything that runs in the lab`,
      todo: "look for what starts processes, fills memory or prints without end: the image's own sshd, ForceCommand, `command=` of a key",
      cause: first,
    });
  }
  if (isDiskFull(first)) return diskFull("the disk is full", first);
  if (first instanceof FabricError && saysDiskFull(first.message)) return engineFull("the lab's hosts cannot write any more", first);
  const gone = first instanceof FabricError && first.kind === "gone" ? first : engineGone(first);
  if (!gone) return first;
  return new UserError("lab-gone", "the lab ended during the run", {
    found: gone.message,
    expected: "an engine that keeps running until the last probe",
    todo: "check that the engine is still running (`forwardlab doctor`), then run the command again",
    log: gone.log,
    cause: first,
  });
}

/** Of this machine. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

export function diskFull(message: string, cause: unknown): UserError {
  return new UserError("disk-full", message, {
    found: (cause as Error).message,
    expected: "room for reports and temporary files",
    todo: "free some space there, then run the command again",
    cause,
  });
}

/** Only the engine is spoken to over sockets of this machine: its end shows in whatever was being asked of it. */
function engineGone(error: unknown): { message: string; log?: undefined } | undefined {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return undefined;
  const refused = syscall === "connect" && ["ECONNREFUSED", "ENOENT", "ECONNRESET"].includes(code);
  return refused || ["ECONNRESET", "EPIPE"].includes(code) ? { message: `the engine does not answer any more: ${message}` } : undefined;
}
