/** Processes and files of hosts, and the lab's lifetime: `containers/agent/processes.py`, `files.py`. */
import { z } from "zod";
import { base64, nothing, operation, place, words } from "./operation.ts";

/** See `RunOptions` in `harness/lab/host.ts`. */
const program = {
  host: place,
  argv: words,
  input: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  user: z.string().optional(),
  cwd: z.string().optional(),
  /** A program of the fabric's own, in the host's network. */
  networkOnly: z.boolean().optional(),
  /** One that `make_cgroups` has made. */
  cgroup: z.string().optional(),
};
const ending = { code: z.int().nullable(), signal: z.string().nullable() };
const job = z.int();

export const hostOperations = {
  run: operation({ ...program, timeoutMs: z.number().optional() }, z.object({ ...ending, stdout: z.string(), stderr: z.string() })),
  /** Its output and its end come as events of the job. */
  spawn: operation(program, z.object({ job, pid: z.int() })),
  kill: operation({ job, signal: z.enum(["SIGTERM", "SIGKILL", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGINT", "SIGUSR1"]) }, nothing),
  /** Removes, then makes folders with those above them (`keep`: one that is there already stays as it is), then writes. */
  write: operation(
    {
      host: place,
      insteadOf: words,
      folders: z.array(z.strictObject({ path: z.string(), uid: z.int(), gid: z.int(), keep: z.boolean() })).readonly(),
      files: z.array(
        z.strictObject({
          path: z.string(),
          content: base64,
          mode: z.int().optional(),
          uid: z.int().optional(),
          gid: z.int().optional(),
        }),
      ),
    },
    nothing,
  ),
  /** Null: there is no such file. */
  read: operation({ host: place, path: z.string() }, base64.nullable()),
  remove: operation({ host: place, paths: words }, nothing),
  /** Control groups by path, with those above them. `accounts`, `rest`: in which one a probe as that account of the host, or as none, makes its socket. */
  make_cgroups: operation(
    { host: place, groups: words, accounts: z.record(z.string(), z.string()), rest: z.string(), shown: z.boolean() },
    nothing,
  ),
  /** Which of them are no programs there. */
  missing_programs: operation({ host: place, paths: words }, z.array(z.string())),
  /** From now on the end of input does not end the lab. */
  keep: operation({}, nothing),
};
