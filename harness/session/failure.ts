/** From whatever was thrown to what a person is told. */
import { UserError } from "../core/errors.ts";
import { FabricError } from "../lab/fabric.ts";

/**
 * What went wrong first: tidying up after it may fail as well, and says nothing new.
 * An engine or a fabric that ended under way becomes a UserError `lab-gone`; everything else stays what it is.
 */
export function failureOf(error: unknown): unknown {
  let first = error;
  while (first instanceof SuppressedError) first = first.suppressed;
  if (!(first instanceof FabricError && first.kind === "gone")) return first;
  return new UserError("lab-gone", "the lab ended during the run", {
    found: first.message,
    expected: "an engine that keeps running until the last probe",
    todo: "check that the engine is still running (`forwardlab doctor`), then run the command again",
    log: first.log,
    cause: first,
  });
}
