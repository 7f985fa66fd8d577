/** Follows what a running ssh says until it has said what is waited for. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { HostProcess } from "../lab/host.ts";

export interface FollowOptions {
  /** Reads ssh's lines one after the other; true: all that is waited for has been said. */
  read(line: string): boolean;
  timeoutMs: number;
  /** Asked once ssh has had time to connect to any sshd that can be reached: rejects when it knows why it does not. */
  unconnected(): Promise<void>;
}

/** Milliseconds in which ssh connects to any sshd that can be reached. */
const connectMs = 500;

/**
 * Resolves with `said`, or with `ended` when ssh ended before that. `ssh -f` goes on in the background: its child writes to the same standard error.
 * Throws UserError `ssh-timeout`, and what `unconnected` throws.
 */
export async function followSsh(process: HostProcess, { read, timeoutMs, unconnected }: FollowOptions): Promise<"said" | "ended"> {
  const outcome = Promise.withResolvers<"said" | "ended">();
  let at = 0;
  const catchUp = () => {
    while (at < process.log.length) if (read(process.log[at++] ?? "")) outcome.resolve("said");
  };
  const stop = process.onLine(catchUp);
  catchUp();
  process.exited.then(({ code }) => {
    catchUp();
    if (code !== 0) outcome.resolve("ended");
  }, outcome.reject);
  const stalled = setTimeout(() => unconnected().catch(outcome.reject), connectMs);
  const late = setTimeout(() => outcome.reject(silent(process, timeoutMs)), timeoutMs);
  try {
    return await outcome.promise;
  } finally {
    stop();
    clearTimeout(stalled);
    clearTimeout(late);
  }
}

function silent(process: HostProcess, timeoutMs: number): UserError {
  return new UserError("ssh-timeout", `ssh did not report within ${timeoutMs / 1000} s whether the forward succeeded`, {
    fault: faultOf("ssh-timeout", { seconds: timeoutMs / 1000 }),
    log: process.lines
      .slice(-20)
      .map(({ text }) => text)
      .join("\n"),
    todo: "check the log: can the client reach the server's address at all?",
  });
}
