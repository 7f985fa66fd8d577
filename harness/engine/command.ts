/** Runs a tool of this machine to its end. */
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { saysDiskFull } from "./disk.ts";

const LOG_LINES = 25;

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
}

export interface CommandResult {
  /** Null when a signal ended it, or when it could not be started. */
  code: number | null;
  stdout: string;
  /** Standard output and standard error as they arrived. */
  output: string;
}

/**
 * Runs to the end; a non-zero exit status is a result, not an exception.
 * On Linux the tool dies with this process, even when this process is killed with SIGKILL, so nothing goes on unseen.
 */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...args] = process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", ...argv] : argv;
  return new Promise((done) => {
    const child = spawn(file as string, args, { env: options.env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    const take = (chunk: string) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => done({ code: null, stdout, output: `${output}${error.message}\n` }));
    child.on("close", (code) => done({ code, stdout, output }));
  });
}

/** The last lines of a tool's output, for an error's log. */
export function tail(output: string, lines = LOG_LINES): string {
  return stripVTControlCharacters(output).trimEnd().split("\n").slice(-lines).join("\n");
}

/** A failed tool as an error for a person. A full disk is named as such, whatever the tool was doing. */
export function toolError(code: string, message: string, output: string, { todo, fault }: { todo: string; fault: Fault }): UserError {
  if (saysDiskFull(output)) {
    return new UserError("engine.disk-full", `${message}: the disk is full`, {
      fault: faultOf("disk-full", {}),
      todo: "free some space (`forwardlab doctor` shows how much there is and where it is needed), then run it again",
      log: tail(output),
    });
  }
  return new UserError(code, message, { todo, fault, log: tail(output) });
}
