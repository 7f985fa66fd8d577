/** The command line, as one trial runs it: with folders of its own, marked, and to be killed at any moment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseResult } from "../../harness/pipelines/read-result.ts";

const repository = join(import.meta.dirname, "../..");
export const forwardlab: readonly string[] = ["--no-warnings", join(repository, "harness/cli/main.ts")];
/** In the environment of everything that a trial starts on this machine. */
export const trialMark = "FORWARDLAB_SOAK_TRIAL";
/** As `npm run verify` does. */
export const bootstrap: readonly string[] = [join(repository, "harness/cli/bootstrap.mjs")];

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** In a few words. */
export function endOf({ code, signal, stderr }: Ended): string {
  const error = code === 2 ? /^error\[[^\]]+\]/m.exec(stderr)?.[0] : undefined;
  return `${signal ?? `exit code ${code}`}${error ? ` ${error}` : ""}`;
}

/** The folders of one trial. */
export class Place {
  readonly temporary: string;
  readonly reports: string;
  readonly trial: string;

  constructor(folder: string, trial: string) {
    this.trial = trial;
    rmSync(join(folder, trial), { recursive: true, force: true });
    this.temporary = join(folder, trial, "tmp");
    this.reports = join(folder, trial, "reports");
    for (const each of [this.temporary, this.reports]) mkdirSync(each, { recursive: true });
  }

  get env(): Record<string, string> {
    return {
      [trialMark]: this.trial,
      TMPDIR: this.temporary,
      // Not where temporary files are looked for.
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
      NO_COLOR: "1",
    };
  }

  get json(): string {
    return join(this.reports, "result.json");
  }

  get hasReport(): boolean {
    return existsSync(this.json);
  }

  /** What is wrong with what lies where the reports go: each must be whole. */
  damagedReports(): string[] {
    return readdirSync(this.reports).flatMap((name) => {
      if (name === "result.json") return whole(this.json) ? [] : ["result.json is cut off"];
      if (name === "fix.patch") return readFileSync(join(this.reports, name), "utf8").endsWith("\n") ? [] : ["fix.patch is cut off"];
      return [`${name} lies beside the reports`];
    });
  }
}

function whole(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    parseResult(readFileSync(path, "utf8"), path);
    return true;
  } catch {
    return false;
  }
}

export class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stderr = "";

  constructor(program: readonly string[], args: readonly string[], env: Record<string, string>) {
    const began = performance.now();
    this.child = spawn(process.execPath, [...program, ...args], {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    this.child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk;
    });
    // Not `close`: what outlives it may hold its output.
    this.ended = once(this.child, "exit").then(([code, signal]) => ({
      code,
      signal,
      stdout,
      stderr: this.stderr,
      ms: performance.now() - began,
    }));
  }
}
