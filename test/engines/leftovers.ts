/** What engines leave on the machine when they end: processes, and the cgroups that they made for their containers. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { ended, type Process, processes, signal, withDescendants } from "../../harness/engine/processes.ts";

/** Milliseconds for the kernel to end what was killed. */
const patience = 10_000;

/** Whose root directory is in the folder, with their containers' processes. */
export function processesIn(folder: string): Process[] {
  const all = processes();
  return withDescendants(
    all.filter(({ pid }) => rootOf(pid).startsWith(`${folder}/`)),
    all,
  );
}

/** Until there are none: one that is killed may have started another. */
export async function endProcessesIn(folder: string): Promise<void> {
  for (let found = processesIn(folder); found.length > 0; found = processesIn(folder)) {
    for (const each of found) signal(each, "SIGKILL");
    if (!(await ended(found, patience))) throw new Error(`processes that cannot be killed: ${found.map(({ pid }) => pid).join(", ")}`);
  }
}

/** As a path of the machine: what is mounted as `/` in its mount namespace. proc_pid_mountinfo(5). */
function rootOf(pid: number): string {
  try {
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
    return mounts.map((line) => line.split(" ")).find(([, , , , at]) => at === "/")?.[3] ?? "";
  } catch {
    return ""; // it has ended
  }
}

const cgroups = "/sys/fs/cgroup";
/** How engines name the parents of their containers' cgroups. */
const parents = ["docker", "libpod_parent"];

/** Those that are there, in every hierarchy. */
export function engineCgroups(): string[] {
  const hierarchies = [cgroups, ...foldersIn(cgroups)];
  return hierarchies.flatMap((hierarchy) => parents.map((name) => join(hierarchy, name))).filter((each) => existsSync(each));
}

/** Removes those that were not there before and that nobody uses. */
export function emptyCgroups(before: readonly string[]): void {
  for (const each of engineCgroups()) if (!before.includes(each)) removeCgroup(each);
}

function removeCgroup(folder: string): void {
  for (const each of foldersIn(folder)) removeCgroup(each);
  try {
    rmdirSync(folder);
  } catch {
    // in use: another engine has started meanwhile
  }
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
