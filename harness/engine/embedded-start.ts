/** Starts the embedded engine: Debian's dockerd on a private socket, with private data, touching nothing of the system's. */

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { makeBridge } from "./bridge.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { tail, toolError } from "./command.ts";
import { connect } from "./connect.ts";
import { daemonOf, endProcesses, pidFile } from "./embedded-processes.ts";
import type { Engine } from "./engine.ts";
import { lock } from "./lock.ts";
import { lackText, machineLacks } from "./machine-lacks.ts";
import { alive, readProcess } from "./processes.ts";
import { ensureTools, type Tools, which } from "./tools.ts";

const READY_MS = 60_000;
const POLL_MS = 25;
const SLOW_MS = 1000;

/** What dockerd and containerd make outside the folders they are given; noted when they were not there before, to be removed with the rest. */
const STRAYS = ["/etc/docker", "/opt/containerd", "/run/docker", "/run/containerd"];

export const logFile = (cache: Cache) => join(cache.engine, "dockerd.log");
export const straysFile = (cache: Cache) => join(cache.engine, "strays.json");

/**
 * Starts the embedded engine of this cache folder, or finds it running. Two processes that call it at once get the same engine.
 * What an earlier one left behind by dying is cleaned up first.
 * @throws UserError `engine.embedded-impossible`, `engine.packages`, `engine.bridge`, `engine.start`, `engine.disk-full`, `engine.cache-unwritable`
 */
export async function startEmbedded({ progress, cache = cacheOf() }: { progress: Progress; cache?: Cache }): Promise<Engine> {
  const obstacle = machineLacks();
  if (obstacle) {
    throw new UserError("engine.embedded-impossible", `the embedded engine cannot be used here: ${lackText(obstacle)}`, {
      fault: faultOf("embedded-impossible", { lacks: obstacle }),
      todo: "start a Docker engine and set DOCKER_HOST to its endpoint",
    });
  }
  await using _lock = await lock(cache.lockFile, progress);
  const running = daemonOf(cache);
  if (running) return await ready(cache, running.pid, progress);

  return await ready(cache, await launchEmbedded(cache, progress), progress);
}

/**
 * Launches it and does not wait until it answers. Call it under the cache's lock, and when it is not running.
 * @returns the id of its process
 * @throws UserError `engine.packages`, `engine.bridge`, `engine.disk-full`
 */
export async function launchEmbedded(cache: Cache, progress: Progress): Promise<number> {
  await endProcesses(cache);
  const tools = await engineTools(cache, progress);
  await makeBridge(cache.bridge, tools.env);
  return launch(cache, tools);
}

/** Nobody is asked, so everybody is told. */
export function tellEmbedded({ folder }: Cache, progress: Progress): void {
  progress(stepOf("starting-embedded", {}));
  progress(stepOf("embedded-is", { folder }));
}

/**
 * The system's own dockerd when it is installed but not running, else one unpacked for us. Call it under the cache's lock.
 * @throws UserError `engine.packages`, `engine.disk-full`
 */
async function engineTools(cache: Cache, progress: Progress): Promise<Tools> {
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const system = { ...process.env, PATH: path };
  if (["dockerd", "containerd", "runc", "ip", "umount"].every((program) => which(program, system))) return { root: "/", env: system };
  return ensureTools(cache, "engine", ["docker.io", "iproute2", "mount"], progress);
}

function launch(cache: Cache, tools: Tools): number {
  mkdirSync(cache.engine, { recursive: true, mode: 0o700 });
  mkdirSync(cache.run, { recursive: true, mode: 0o700 });
  if (!existsSync(straysFile(cache))) writeFileSync(straysFile(cache), JSON.stringify(STRAYS.filter((path) => !existsSync(path))));
  const config = join(cache.run, "daemon.json");
  writeFileSync(config, "{}\n"); // not /etc/docker/daemon.json: an option given both there and here would be refused
  const init = which("docker-init", tools.env);
  const argv = [
    ["--config-file", config],
    ["--host", cache.endpoint],
    ["--group", "root"],
    ["--data-root", join(cache.engine, "data")],
    ["--exec-root", join(cache.run, "exec")],
    ["--pidfile", pidFile(cache)],
    ["--bridge", cache.bridge],
    ["--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    init ? ["--init-path", init] : [],
  ].flat();
  const log = openSync(logFile(cache), "w", 0o600);
  const child = spawn(which("dockerd", tools.env) ?? "dockerd", argv, {
    env: tools.env,
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.on("error", () => {}); // told by `ready`, which finds no such process
  child.unref();
  return child.pid ?? 0;
}

/** Waits until it answers or ends. */
async function ready(cache: Cache, pid: number, progress: Progress): Promise<Engine> {
  const daemon = readProcess(pid);
  const slow = setTimeout(() => progress(stepOf("waiting-for-embedded", {})), SLOW_MS);
  try {
    for (const deadline = Date.now() + READY_MS; daemon && alive(daemon) && Date.now() < deadline; ) {
      const { engine } = await connect(
        { endpoint: cache.endpoint, source: "forwardlab's embedded engine", explicit: false },
        cache.endpoint,
      );
      if (engine) return engine;
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  } finally {
    clearTimeout(slow);
  }
  const log = existsSync(logFile(cache)) ? readFileSync(logFile(cache), "utf8") : "";
  const silent = daemon !== undefined && alive(daemon);
  const what = silent ? `did not answer within ${READY_MS / 1000} s` : "ended while starting";
  throw toolError("engine.start", `the embedded engine ${what}`, tail(log), {
    fault: faultOf("embedded-does-not-start", { seconds: silent ? READY_MS / 1000 : undefined }),
    todo: "see the log below; inside a container the engine needs --privileged; `forwardlab engine rm` starts over; or set DOCKER_HOST to another engine",
  });
}
