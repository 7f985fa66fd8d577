/** Processes of this machine as /proc shows them. */
import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  pid: number;
  parent: number;
  /** Clock tick at which it started: pid and start together name one process for good. */
  start: string;
  argv: string[];
}

const POLL_MS = 20;

/** All processes that can be read, kernel threads left out. */
export function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** Undefined when there is none, when it is a kernel thread, or when it has ended and only waits to be reaped. */
export function readProcess(pid: number): Process | undefined {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    // After the name in brackets: state, parent, ..., start time as field 22 (proc_pid_stat(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (argv.length === 0 || fields[0] === "Z") return undefined;
    return { pid, parent: Number(fields[1]), start: fields[19] ?? "", argv };
  } catch {
    return undefined;
  }
}

/** The given processes and everything below them. */
export function withDescendants(roots: readonly Process[], all: readonly Process[]): Process[] {
  const found = new Set(roots);
  for (let grew = true; grew; ) {
    grew = false;
    const pids = new Set([...found].map(({ pid }) => pid));
    for (const process of all) {
      if (found.has(process) || !pids.has(process.parent)) continue;
      found.add(process);
      grew = true;
    }
  }
  return [...found];
}

/** True while this very process (not another one with its pid) runs. */
export function alive({ pid, start }: Process): boolean {
  return readProcess(pid)?.start === start;
}

/** Sends a signal, but only to the very process that was seen before. */
export function signal(target: Process, name: NodeJS.Signals): void {
  if (!alive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** True when all have ended within the time. */
export async function ended(targets: readonly Process[], withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; targets.some(alive); ) {
    if (Date.now() > deadline) return false;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return true;
}
