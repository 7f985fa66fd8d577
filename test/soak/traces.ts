/** What a run has left on this machine: nothing of it may be there once it has ended, however it ended. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { mountsBelow } from "../../harness/engine/embedded-processes.ts";
import { hostLabel, labLabel } from "../../harness/engine/labels.ts";
import { type Place, trialMark } from "./command.ts";
import type { OwnEngine } from "./own-engine.ts";

/** How often it is looked, milliseconds. */
const againMs = 50;

/** Of the command itself: it and what watches over it, by the mark; what it wrote where temporary files go; its lock. */
export function tracesOfCommand({ trial, temporary }: Place, lockFile: string): string[] {
  return [
    ...marked(trial),
    ...readdirSync(temporary, { recursive: true }).map((path) => `temporary file ${path}`),
    ...(isHeld(lockFile) ? [`lock ${lockFile}`] : []),
  ];
}

/** Of labs: containers, their processes, and the namespaces that are mounted somewhere. @param kept ids of labs that are to stay */
export async function tracesOfLabs(engine: OwnEngine, kept: readonly string[] = []): Promise<string[]> {
  const containers = await engine.docker.listContainers({ all: true });
  const others = containers.filter(({ Labels }) => !kept.includes(Labels[labLabel] ?? ""));
  return [
    ...others.map(({ Id, State, Labels }) => `container ${Id.slice(0, 12)} (${Labels[hostLabel]}, ${State})`),
    ...(kept.length > 0 ? [] : engine.containerProcesses()),
    ...(kept.length > 0 ? [] : namespacesOf(engine).map((point) => `mount ${point}`)),
  ];
}

/** dockerd keeps one for the machine's own network from the first build on. */
function namespacesOf({ cache }: OwnEngine): string[] {
  return mountsBelow([cache.run]).filter((point) => !point.endsWith("/netns/default"));
}

/** Looks until nothing is left; what is still there after so many milliseconds is the answer. */
export async function leftAfter(look: () => string[] | Promise<string[]>, withinMs: number): Promise<string[]> {
  for (const deadline = Date.now() + withinMs; ; await after(againMs)) {
    const left = await look();
    if (left.length === 0 || Date.now() > deadline) return left;
  }
}

/** Both; nothing else uses the engine. */
export async function leftBy(engine: OwnEngine, place: Place, withinMs: number): Promise<string[]> {
  const command = await leftAfter(() => tracesOfCommand(place, engine.cacheOfCommands.lockFile), withinMs);
  return [...command, ...(await leftAfter(() => tracesOfLabs(engine), withinMs))];
}

function marked(trial: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !read(`/proc/${pid}/environ`).split("\0").includes(`${trialMark}=${trial}`)) return [];
    const argv = read(`/proc/${pid}/cmdline`).split("\0").filter(Boolean);
    return argv.length === 0 ? [] : [`process ${pid} (${argv.join(" ").slice(0, 160)})`];
  });
}

function isHeld(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    execFileSync("flock", ["--nonblock", file, "true"], { stdio: "ignore" });
    return false;
  } catch {
    return true;
  }
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
