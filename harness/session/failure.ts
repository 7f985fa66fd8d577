/** From whatever was thrown to what a person is told. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { engineFull } from "../engine/disk.ts";
import { limits } from "../lab/confinement.ts";
import { FabricError } from "../lab/fabric-error.ts";
import { agentMismatch, engineGone, labGone } from "../lab/lab-gone.ts";

/**
 * What went wrong first: tidying up after it may fail as well, and says nothing new.
 * An engine or a fabric that ended under way becomes a UserError `lab-gone`, a lab that ran into its limits `lab-limit`, an agent that is not understood
 * `lab-agent`, a full disk `disk-full` or `engine.disk-full`; everything else stays what it is.
 */
export function failureOf(error: unknown): unknown {
  let first = error;
  while (first instanceof SuppressedError) first = first.suppressed;
  if (first instanceof FabricError && first.kind === "limit") {
    return new UserError("lab-limit", "something in the lab uses more than a lab may", {
      found: first.message,
      fault: faultOf("lab-limit", { processes: limits.PidsLimit, mebibytes: limits.Memory / 1024 / 1024 }),
      expected: `at most ${limits.PidsLimit} processes and ${limits.Memory / 1024 / 1024} MiB of memory for everything that runs in the lab`,
      todo: "look for what starts processes, fills memory or prints without end: the image's own sshd, ForceCommand, `command=` of a key",
      cause: first,
    });
  }
  if (isDiskFull(first)) return diskFull("the disk is full", first);
  if (first instanceof FabricError && first.isDiskFull) return engineFull("the lab's hosts cannot write any more", first);
  if (first instanceof FabricError && first.isOfProtocol) return agentMismatch(first.message, first);
  if (first instanceof FabricError && first.kind === "gone") return labGone(first.message, first, first.log);
  return engineGone(first) ?? first;
}

/** An engine or an image that is missing, or a full disk, is so for every server. */
const everybodys = /^(engine|image)\.|^(lab-agent|lab-start|disk-full)$/;

/** This machine, its engine or the lab is to blame, and none of the user's files. */
export function blamesNoFile({ code }: UserError): boolean {
  return everybodys.test(code) || code === "lab-gone" || code === "lab-limit";
}

/** Of several servers, what one's own files are to blame for; throws everything else, which ends the run. */
export function faultOfOne(thrown: unknown, signal: AbortSignal | undefined): UserError {
  const error = failureOf(thrown);
  if (signal?.aborted || !(error instanceof UserError) || everybodys.test(error.code)) throw error;
  return error;
}

/** Of this machine. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

export function diskFull(message: string, cause: unknown): UserError {
  return new UserError("disk-full", message, {
    found: (cause as Error).message,
    fault: faultOf("disk-full", {}),
    expected: "room for reports and temporary files",
    todo: "free some space there, then run the command again",
    cause,
  });
}
