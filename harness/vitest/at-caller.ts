/** Errors that point at the user's own line, in the words of a person. */
import { formatUserError, UserError } from "../core/errors.ts";

/** A `UserError` as a test shows it: the message has all four parts, the stack starts where the test called. */
class ShownError extends UserError {
  constructor(error: UserError, stack: string) {
    super(error.code, formatUserError(error), error);
    this.stack = `${this.name}: ${this.message}\n${stack}`;
    // Vitest prints what is enumerable a second time, under the message that already says it.
    for (const key of ["code", "place", "found", "expected", "todo", "log", "name"] as const)
      Object.defineProperty(this, key, { value: this[key], enumerable: false });
  }
}

/**
 * Runs what a test asked for through `entry`; a failure is told with the line of the test that called it.
 * Call it in the body of `entry` itself, which must not be async: the stack is taken here.
 */
export function atCaller<T>(entry: (...args: never[]) => unknown, work: () => Promise<T>): Promise<T> {
  return at(callerStack(entry), work);
}

/** The same for work that a test asked for earlier, at the place that `stack` tells. */
export function at<T>(stack: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw error instanceof UserError && !(error instanceof ShownError) ? new ShownError(error, stack) : error;
  });
}

/** Frames of whoever called `entry`, one per line. */
export function callerStack(entry: (...args: never[]) => unknown): string {
  const holder = { stack: "" };
  Error.captureStackTrace(holder, entry);
  return holder.stack.slice(holder.stack.indexOf("\n") + 1);
}
