/** When a program that was started on a host is ready. */
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { FabricError } from "../lab/fabric-error.ts";
import type { Host, HostProcess, RunOptions } from "../lab/host.ts";

export interface StartOptions extends Omit<RunOptions, "timeoutMs"> {
  /** Ready when it listens on this TCP port. Too early for programs that first test whether the port is free (Vite): use `says`. */
  listensOn?: number;
  /** Ready when it prints a line like this. */
  says?: RegExp;
}

/** Milliseconds until it must be ready, and between two looks at its sockets. */
const readyMs = 30_000;
const lookMs = 20;

/** @throws UserError `program` when it ends, or time runs out, before it is ready */
export async function programReady(
  host: Host,
  program: HostProcess,
  command: string,
  ready: { listensOn: number | undefined; says: RegExp | undefined },
): Promise<void> {
  const { listensOn, says } = ready;
  const fail = (seconds?: number): never => {
    const what = seconds === undefined ? "ended before it was ready" : `was not ready after ${seconds} s`;
    throw new UserError("program", `\`${command}\` on ${host.name} ${what}`, {
      fault: faultOf("program-not-ready", { command, host: host.name, seconds }),
      log: program.lines
        .slice(-20)
        .map(({ text }) => text)
        .join("\n"),
      todo: "run it manually on that host to see its output (`forwardlab up`, `forwardlab shell HOST`)",
    });
  };
  const over = new AbortController();
  const late = sleep(readyMs, "late" as const, { signal: over.signal }).catch(() => "late" as const);
  // Its last line may be the one that is waited for, and comes in the same moment as its end.
  const ended = program.exited.then(() => turn("ended" as const));
  ended.catch(() => undefined);
  const said = says === undefined ? undefined : program.waitForLine((text) => (says.test(text) ? true : undefined));
  const waits = [...(said ? [said] : []), ...(listensOn === undefined ? [] : [untilListening(host, listensOn, over.signal)])];
  try {
    const what = await Promise.race([Promise.all(waits).then(() => "ready" as const), late, ...(waits.length > 0 ? [ended] : [])]);
    if (what === "late") fail(readyMs / 1000);
    if (what === "ended") fail();
  } catch (error) {
    if (error instanceof UserError || (error instanceof FabricError && error.isFinal)) throw error;
    fail();
  } finally {
    over.abort();
  }
}

async function untilListening(host: Host, port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await host.listeners()).some((each) => each.port === port)) return;
    await sleep(lookMs);
  }
}
