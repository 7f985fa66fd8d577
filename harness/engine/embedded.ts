/** The embedded engine's other three verbs: look, stop, remove. (To start it: embedded-start.ts.) */

import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { bridgeExists, removeBridge } from "./bridge.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { connect } from "./connect.ts";
import { daemonOf, endProcesses, processesOf, toolsEnv, unmountBelow } from "./embedded-processes.ts";
import { logFile, straysFile } from "./embedded-start.ts";
import { lock } from "./lock.ts";

export { startEmbedded } from "./embedded-start.ts";

/** Milliseconds for an engine to kill its containers; one that hangs is killed with them. */
const PATIENCE_MS = 10_000;

export interface EmbeddedStatus {
  state: "running" | "hung" | "dead" | "stopped" | "absent";
  endpoint: string;
  /** Of dockerd, while it runs. */
  pid?: number;
  /** While it answers. */
  version?: string;
  /** The folder that `removeEmbedded` removes. */
  folder: string;
  log: string;
}

/** `dead`: dockerd has gone but left processes behind (the next start cleans up); `hung`: it runs but does not answer; `absent`: never installed. */
export async function embeddedStatus({ cache = cacheOf() }: { cache?: Cache } = {}): Promise<EmbeddedStatus> {
  const about = { endpoint: cache.endpoint, folder: cache.folder, log: logFile(cache) };
  if (process.platform !== "linux") return { state: "absent", ...about };
  const daemon = daemonOf(cache);
  if (!daemon) {
    if (processesOf(cache).length > 0) return { state: "dead", ...about };
    return { state: existsSync(cache.engine) || existsSync(cache.tools) ? "stopped" : "absent", ...about };
  }
  const { engine } = await connect({ endpoint: cache.endpoint, source: "", explicit: false }, cache.endpoint);
  if (!engine) return { state: "hung", pid: daemon.pid, ...about };
  return { state: "running", pid: daemon.pid, version: engine.version, ...about };
}

/**
 * Ends the embedded engine with all its containers, and its bridge. What it downloaded and its images stay.
 * Ends no process that is not its own.
 * @returns false when there was nothing to stop
 * @throws UserError `engine.stop`
 */
export async function stopEmbedded({ progress, cache = cacheOf() }: { progress: Progress; cache?: Cache }): Promise<boolean> {
  if (!existsSync(cache.folder) && !existsSync(cache.run)) return false;
  await using _lock = await lock(cache.lockFile, progress);
  return await stop(cache, progress);
}

/**
 * Stops it and removes all that it, and the building of images, put on this machine: packages, images, base tarballs, log, bridge.
 * @returns false when there was nothing to remove
 * @throws UserError `engine.stop`
 */
export async function removeEmbedded({ progress, cache = cacheOf() }: { progress: Progress; cache?: Cache }): Promise<boolean> {
  if (!existsSync(cache.folder) && !existsSync(cache.run)) return false;
  await using _lock = await lock(cache.lockFile, progress);
  await stop(cache, progress);
  await unmountBelow(cache, [cache.scratch]);
  for (const path of strays(cache)) rmSync(path, { recursive: true, force: true });
  for (const path of [cache.engine, cache.tools, cache.aptLists, cache.scratch, cache.bases, cache.lockFile]) {
    rmSync(path, { recursive: true, force: true });
  }
  removeIfEmpty(cache.folder);
  removeIfEmpty(dirname(cache.run));
  return true;
}

async function stop(cache: Cache, progress: Progress): Promise<boolean> {
  const daemon = daemonOf(cache);
  const any = processesOf(cache).length > 0 || bridgeExists(cache.bridge);
  if (any) progress(stepOf("stopping-embedded", {}));
  if (daemon) await killContainers(cache);
  const left = await endProcesses(cache);
  if (left.length > 0) {
    throw new UserError("engine.stop", "some processes of the embedded engine could not be killed", {
      fault: faultOf("embedded-does-not-stop", {}),
      found: left.map(({ pid, argv }) => `${pid} ${argv[0]}`).join(", "),
      todo: "they are stuck in the kernel; try again, or restart the machine",
    });
  }
  await removeBridge(cache.bridge, toolsEnv(cache));
  return any;
}

/** dockerd on its way out would give each container ten seconds to end by itself. */
async function killContainers(cache: Cache): Promise<void> {
  await Promise.race([askToKill(cache), after(PATIENCE_MS, undefined, { ref: false })]);
}

async function askToKill(cache: Cache): Promise<void> {
  const { engine } = await connect({ endpoint: cache.endpoint, source: "", explicit: false }, cache.endpoint);
  const running = (await engine?.docker.listContainers().catch(() => [])) ?? [];
  await Promise.all(
    running.map(({ Id }) =>
      engine?.docker
        .getContainer(Id)
        .kill()
        .catch(() => {}),
    ),
  );
}

/** What the engine made outside its folders, unless another engine uses it by now. */
function strays(cache: Cache): string[] {
  try {
    const noted: string[] = JSON.parse(readFileSync(straysFile(cache), "utf8"));
    return noted.filter((path) => !inUse(path));
  } catch {
    return [];
  }
}

/** Any regular file or socket that is not the engine's own doing: then it stays. */
function inUse(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => !entry.isDirectory() && entry.name !== "key.json");
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // not empty, or not there
  }
}
