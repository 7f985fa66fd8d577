/** What of a lab is still there, seen from outside: its containers on the engine, its processes on this machine. */
import { readdirSync, readFileSync } from "node:fs";
import Docker from "dockerode";
import { hostLabel, labLabel } from "../../harness/engine/labels.ts";

/** One line for each container, running or only created, and for each process that carries the lab's mark; empty when all is gone. */
export async function leftovers(lab: string): Promise<string[]> {
  const containers = await new Docker().listContainers({ all: true, filters: { label: [`${labLabel}=${lab}`] } });
  return [
    ...containers.map(({ Id, State, Labels }) => `container ${Id.slice(0, 12)} (${Labels[hostLabel]}, ${State})`),
    ...marked(lab),
    ...watchdogs()
      .filter((each) => each.lab === lab)
      .map(({ pid }) => `watchdog ${pid}`),
  ];
}

/** Processes of this machine with the lab's mark in their environment; none to be seen when the engine is on another one. */
function marked(lab: string): string[] {
  return pids().flatMap((pid) => {
    const environment = read(`/proc/${pid}/environ`);
    return environment.includes(`FORWARDLAB_LAB=${lab}\0`) ? [`process ${pid} (${read(`/proc/${pid}/comm`).trim()})`] : [];
  });
}

/** The harness's own watchdogs: a shell that waits, then a Node that removes what is left. Both are told the lab's id. */
export function watchdogs(): { pid: number; parent: number; lab: string }[] {
  return pids().flatMap((pid) => {
    const argv = read(`/proc/${pid}/cmdline`).split("\0");
    const script = argv.findIndex((arg) => /\/remove-lab\.[jt]s$/.test(arg));
    const lab = argv[script + 1];
    const parent = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    return script > 0 && lab ? [{ pid, parent, lab }] : [];
  });
}

function pids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
