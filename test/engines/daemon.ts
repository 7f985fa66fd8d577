/** Programs of a root that go on beside this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { $ } from "zx";
import { type DebianRoot, enter } from "./debian-root.ts";

/** A program of the root that goes on until it is disposed. */
export class Daemon implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly log: string;

  constructor(root: DebianRoot, argv: readonly string[], log: string) {
    const [program = "", ...args] = [...enter(root), ...argv];
    this.log = log;
    const out = openSync(log, "w");
    this.#child = spawn(program, args, { stdio: ["ignore", out, out] });
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const over = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
    await over;
    clearTimeout(late);
  }
}

/** Milliseconds. */
const [startMs, againMs] = [60_000, 100];

/** When the engine answers at its socket. */
export async function answering(daemon: Daemon, socket: string): Promise<void> {
  const answers = async () =>
    existsSync(socket) && (await $({ nothrow: true })`curl -sf --unix-socket ${socket} http://engine/version`).exitCode === 0;
  for (const until = Date.now() + startMs; !(await answers()); await pause(againMs)) {
    if (!daemon.ended && Date.now() < until) continue;
    const what = daemon.ended ? "the engine ended while starting" : `the engine did not answer within ${startMs / 1000} s`;
    throw new Error(`${what}\n${readFileSync(daemon.log, "utf8").trim().split("\n").slice(-8).join("\n")}`);
  }
}
