/** A command with the engine's own standard streams, or a terminal, in a host of a running lab. */
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { FoundLab } from "./find-labs.ts";

export interface Entry {
  host: string;
  command: readonly string[];
  tty: boolean;
  /** What the terminal is; default `dumb`. */
  term?: string | undefined;
  /** One of the fabric's own commands, in the host's network. */
  networkOnly?: boolean;
}

/** A shell for a person: bash where the host has it, without the files that would give it another prompt. */
export const shell = ["sh", "-c", "command -v bash >/dev/null && exec bash --norc -i || exec sh -i"];

/** A shell starts each command: a program that is missing ends with its 127 and its message, whatever the engine. */
const execute = ["sh", "-c", 'exec "$@"', "sh"];

/** Starts it. Without `tty` the stream carries both outputs, as the engine multiplexes them. */
export async function enterHost(
  docker: Docker,
  { containers, fabric }: Pick<FoundLab, "containers" | "fabric">,
  { host, command, tty, term = "dumb", networkOnly = false }: Entry,
): Promise<{ exec: Docker.Exec; stream: Duplex }> {
  const container = networkOnly ? undefined : containers[host];
  const started = [...execute, ...command];
  const exec = await docker.getContainer(container ?? fabric).exec({
    // A host without a container is a network namespace of the fabric, which knows how to enter it.
    Cmd: container === undefined ? ["python3", "-m", "agent.enter", host, ...started] : started,
    ...(container === undefined ? {} : { WorkingDir: "/root" }),
    Env: [`TERM=${term}`, "HOME=/root", "LANG=C.UTF-8", `PS1=${host}:\\w\\$ `],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
  });
  return { exec, stream: await exec.start({ hijack: true, stdin: true, Tty: tty }) };
}
