/** The embedded engine, a real one, in a cache folder of its own: everything that it brought must be gone after `rm`. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Step } from "../../../harness/core/step.ts";
import { bridgeExists } from "../../../harness/engine/bridge.ts";
import { cacheOf } from "../../../harness/engine/cache.ts";
import { embeddedStatus, removeEmbedded, startEmbedded, stopEmbedded } from "../../../harness/engine/embedded.ts";
import { daemonOf, mountsBelow, processesOf } from "../../../harness/engine/embedded-processes.ts";
import type { Engine } from "../../../harness/engine/engine.ts";
import { machineLacks } from "../../../harness/engine/machine-lacks.ts";
import { alive, ended } from "../../../harness/engine/processes.ts";
import { readStream } from "../../../harness/engine/stream.ts";

const said: string[] = [];
const progress = ({ text }: Step) => void said.push(text);

const SLEEP_SECONDS = "86399";

/** A container of nothing but this machine's own `sleep`. */
async function startSleeper({ docker }: Engine): Promise<void> {
  const libraries = [...execFileSync("ldd", ["/bin/sleep"], { encoding: "utf8" }).matchAll(/(\/\S+)/g)].map(([path]) => path.slice(1));
  const archive = execFileSync("tar", ["-ch", "-C", "/", "bin/sleep", ...libraries], { maxBuffer: 2 ** 26 });
  await readStream(await docker.importImage(Readable.from([archive], { objectMode: false }), { repo: "sleeper", tag: "1" }));
  const container = await docker.createContainer({
    Image: "sleeper:1",
    Cmd: ["/bin/sleep", SLEEP_SECONDS],
    HostConfig: { NetworkMode: "none" },
  });
  await container.start();
}

describe.skipIf(machineLacks())("the embedded engine", () => {
  // Longer than a Unix socket's path may be.
  const parent = mkdtempSync(join(tmpdir(), "forwardlab-"));
  const cache = cacheOf({ FORWARDLAB_CACHE: join(parent, "a-very-long-name-".repeat(8)) });
  const strays = ["/etc/docker", "/opt/containerd", "/run/docker", "/run/containerd"];
  let before: string[];

  beforeAll(() => {
    before = strays.filter((path) => existsSync(path));
  });
  afterAll(async () => {
    await removeEmbedded({ progress, cache });
    rmSync(parent, { recursive: true, force: true });
  });

  test("is not there at first", async () => {
    expect(await embeddedStatus({ cache })).toMatchObject({ state: "absent" });
    expect(await stopEmbedded({ progress, cache })).toBe(false);
    expect(existsSync(cache.folder)).toBe(false);
  });

  test("started by two at once, it is one engine", async () => {
    const [one, two] = await Promise.all([startEmbedded({ progress, cache }), startEmbedded({ progress, cache })]);
    expect(one).toMatchObject({ kind: "embedded", endpoint: cache.endpoint });
    expect(two.endpoint).toBe(one.endpoint);
    expect(await one.docker.ping()).toEqual(Buffer.from("OK"));
    expect(await embeddedStatus({ cache })).toMatchObject({ state: "running", pid: daemonOf(cache)?.pid });
    // Nothing is downloaded where the machine has an engine's programs of its own.
    expect(said.some((line) => line.includes("downloading Debian packages"))).toBe(existsSync(cache.tools));
  });

  test("killed, it is dead, and the next start mends it", async () => {
    const daemon = daemonOf(cache);
    if (!daemon) throw new Error("it does not run");
    await startSleeper(await startEmbedded({ progress, cache }));
    // The engine says "started" a moment before the container's program has replaced runc's.
    const sleeper = await vi.waitUntil(() => processesOf(cache).find(({ argv }) => argv.includes(SLEEP_SECONDS)));
    process.kill(daemon.pid, "SIGKILL");
    await ended([daemon], 5000);
    expect((await embeddedStatus({ cache })).state).toBe("dead");

    const { docker } = await startEmbedded({ progress, cache });
    expect(await docker.ping()).toEqual(Buffer.from("OK"));
    expect(daemonOf(cache)?.pid).not.toBe(daemon.pid);
    expect(processesOf(cache)).not.toContainEqual(sleeper);
    expect(alive(sleeper)).toBe(false);
  });

  test("stopped, no process, mount or bridge of it is left, also of its containers; what it downloaded is", async () => {
    await startSleeper(await startEmbedded({ progress, cache }));
    const downloaded = existsSync(cache.tools);
    expect(mountsBelow([cache.engine, cache.run])).not.toEqual([]);
    expect(await stopEmbedded({ progress, cache })).toBe(true);
    expect(processesOf(cache)).toEqual([]);
    expect(mountsBelow([cache.engine, cache.run])).toEqual([]);
    expect(bridgeExists(cache.bridge)).toBe(false);
    expect(existsSync(cache.run)).toBe(false);
    expect(existsSync(cache.tools)).toBe(downloaded);
    expect((await embeddedStatus({ cache })).state).toBe("stopped");
  });

  test("a harness killed while it starts the engine leaves something that the next run can start from", async () => {
    await removeEmbedded({ progress, cache });
    const source = new URL("../../../harness/engine/embedded-start.ts", import.meta.url).href;
    const script = `import { startEmbedded } from ${JSON.stringify(source)}; await startEmbedded({ progress: () => {} })`;
    for (const ms of [150, 700, 2500]) {
      const harness = spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { ...process.env, FORWARDLAB_CACHE: cache.folder },
        stdio: "inherit",
      });
      setTimeout(() => harness.kill("SIGKILL"), ms);
      await once(harness, "exit");
    }
    const { docker } = await startEmbedded({ progress, cache });
    expect(await docker.ping()).toEqual(Buffer.from("OK"));
  });

  test("removed, nothing of it is left", async () => {
    expect(await removeEmbedded({ progress, cache })).toBe(true);
    expect(processesOf(cache)).toEqual([]);
    expect(mountsBelow([cache.folder, cache.run])).toEqual([]);
    expect(bridgeExists(cache.bridge)).toBe(false);
    expect(existsSync(cache.run)).toBe(false);
    expect(existsSync(cache.folder)).toBe(false);
    expect(strays.filter((path) => existsSync(path))).toEqual(before);
    expect(await removeEmbedded({ progress, cache })).toBe(false);
  });
});
