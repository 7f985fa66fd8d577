/** The real command line, as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

export const main: string = join(import.meta.dirname, "..", "..", "..", "harness", "cli", "main.ts");

export interface Outcome {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param input what is typed; left out: standard input is at its end */
export function startCli(args: readonly string[], env: Record<string, string> = {}, input?: string): ChildProcess {
  const child = spawn(process.execPath, ["--no-warnings", main, ...args], {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  child.stdin?.end(input);
  return child;
}

export async function endOf(child: ChildProcess): Promise<Outcome> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, "exit"),
  ]);
  return { code, stdout, stderr };
}

export function cli(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Outcome> {
  return endOf(startCli(args, env, input));
}

/** A folder of files that goes with its scope. */
export async function folderOf(files: Record<string, string>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "forwardlab-cli-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A policy that is right, to be spoilt in one place. */
export const goodPolicy = `server: { sshd_config: sshd_config }
forwards:
  web: { ssh: "-R 5000:localhost:5000", reachable_from: [] }
`;
