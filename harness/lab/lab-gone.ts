/** An engine, or a fabric, that ended under way, or an agent that is not this harness's. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

export function labGone(found: string, cause: unknown, log?: string): UserError {
  return new UserError("lab-gone", "the lab ended during the run", {
    found,
    fault: faultOf("lab-gone", {}),
    expected: "an engine that keeps running until the last probe",
    todo: "check that the engine is still running (`forwardlab doctor`), then run the command again",
    ...(log === undefined ? {} : { log }),
    cause,
  });
}

/** Its image is of another version, or the two were changed apart. */
export function agentMismatch(found: string, cause: unknown): UserError {
  return new UserError("lab-agent", "the lab's agent does not speak the protocol of this forwardlab", {
    found,
    fault: faultOf("lab-agent", {}),
    expected: "an image of the fabric that this version of forwardlab built",
    todo: "`forwardlab prune --images` removes the images, and the next command builds them again; if that does not help, please report it",
    cause,
  });
}

/** Code of an error: another engine answers than the one that the lab runs on. */
export const engineChanged = "ENGINE_CHANGED";

/** Only the engine is spoken to over sockets of this machine: its end shows in whatever was being asked of it. Undefined: something else failed. */
export function engineGone(error: unknown): UserError | undefined {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return undefined;
  if (code === engineChanged) return labGone("the engine does not answer any more: another one does", error);
  const refused = syscall === "connect" && ["ECONNREFUSED", "ENOENT", "ECONNRESET"].includes(code);
  if (!refused && !["ECONNRESET", "EPIPE"].includes(code)) return undefined;
  return labGone(`the engine does not answer any more: ${message}`, error);
}
