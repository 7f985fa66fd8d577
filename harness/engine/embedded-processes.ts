/** Which processes, mounts and sockets belong to the embedded engine of one cache folder: told by its own paths, never by a name. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cache } from "./cache.ts";
import { run } from "./command.ts";
import { ended, type Process, processes, signal, withDescendants } from "./processes.ts";
import { toolsAt } from "./tools.ts";

/** Containers are killed, not asked: nothing in a lab has state worth saving. */
const TERM_MS = 15_000;
const KILL_MS = 5_000;

export const pidFile = (cache: Cache) => join(cache.run, "dockerd.pid");
const execRoot = (cache: Cache) => join(cache.run, "exec");

/** The engine's dockerd, if it runs. */
export function daemonOf(cache: Cache, all = processes()): Process | undefined {
  return all.find(({ argv }) => argv[0]?.endsWith("dockerd") && argv.includes(pidFile(cache)));
}

/** dockerd, containerd, the shims, and what runs below them; also when their parents have died. */
export function processesOf(cache: Cache): Process[] {
  const all = processes();
  const daemon = daemonOf(cache, all);
  const below = `${execRoot(cache)}/`;
  const helpers = all.filter(
    ({ argv }) => /(^|\/)(containerd|containerd-shim\S*)$/.test(argv[0] ?? "") && argv.some((word) => word.startsWith(below)),
  );
  return withDescendants(daemon ? [daemon, ...helpers] : helpers, all);
}

/**
 * Ends all of them: dockerd is asked first, whatever is left is killed. Unmounts what they leave mounted.
 * @returns what could not be ended (empty when all is well)
 */
export async function endProcesses(cache: Cache): Promise<Process[]> {
  const daemon = daemonOf(cache);
  const before = processesOf(cache);
  if (daemon) {
    signal(daemon, "SIGTERM");
    await ended([daemon], TERM_MS);
  }
  const left = [...new Set([...before, ...processesOf(cache)])];
  const shimSockets = shimAddresses(cache);
  for (const process of left) signal(process, "SIGKILL");
  await ended(left, KILL_MS);
  for (const socket of shimSockets) rmSync(socket, { force: true });
  await unmountBelow(cache, [cache.run, cache.engine]);
  rmSync(cache.run, { recursive: true, force: true });
  return processesOf(cache);
}

/** A killed shim leaves its socket below /run/containerd/s; each shim's folder says which one is its own. */
function shimAddresses(cache: Cache): string[] {
  const folder = join(execRoot(cache), "containerd/daemon/io.containerd.runtime.v2.task/moby");
  return list(folder).flatMap((id) => {
    try {
      const path = readFileSync(join(folder, id, "address"), "utf8").replace(/^unix:\/\//, "");
      return path.startsWith("/run/containerd/s/") ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** Mount points below the folders, innermost first. */
export function mountsBelow(folders: readonly string[]): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)))
    .reverse();
}

export async function unmountBelow(cache: Cache, folders: readonly string[]): Promise<void> {
  for (const point of mountsBelow(folders)) await run(["umount", "-l", point], { env: toolsEnv(cache) });
}

/** With the programs that were unpacked for the engine, where the system lacks them. */
export function toolsEnv(cache: Cache): NodeJS.ProcessEnv {
  return toolsAt(join(cache.tools, "engine")).env;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
