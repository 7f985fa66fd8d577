/** Nothing of a lab outlives its run: containers, namespaces, processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { expect, test } from "vitest";
import { attachStreams } from "../../harness/engine/attach.ts";
import { baseNames } from "../../harness/engine/base.ts";
import { ensureImages, type ImageRef } from "../../harness/engine/index.ts";
import {
  ensureEngine,
  ForwardLab,
  type ForwardLabOptions,
  parseForwardArguments,
  sshdConfigFromText,
  UserError,
} from "../../harness/index.ts";
import { Fabric } from "../../harness/lab/fabric.ts";
import { createFabric, ownerProcess } from "../../harness/lab/fabric-container.ts";
import { leftovers, watchdogs } from "./leftovers.ts";
import { Draw } from "./model/random.ts";

/** What is promised: within five seconds, whatever happened. */
const promisedMs = 5_000;

const gone = (lab: string) => expect.poll(() => leftovers(lab), { timeout: promisedMs, interval: 50 }).toEqual([]);
const options = async (sshd: string): Promise<ForwardLabOptions> => ({
  sshdConfig: await sshdConfigFromText(sshd),
  accounts: [{ name: "tunnel" }],
});

test("after success, with a forward left open", async () => {
  const lab = await ForwardLab.start(await options(""));
  const { id } = lab.lab;
  await lab.open({ name: "rdp", from: "home", account: "tunnel", ssh: parseForwardArguments("-fN -R 43234:localhost:3389") });
  expect((await leftovers(id)).filter((line) => line.startsWith("container"))).toHaveLength(4);

  await lab[Symbol.asyncDispose]();

  expect((await leftovers(id)).filter((line) => line.startsWith("container"))).toEqual([]);
  await gone(id);
});

test("after a start that fails: sshd refuses the config", async () => {
  const before = new Set(watchdogs().map(({ lab }) => lab));
  const start = ForwardLab.start(await options("GatewayPorts maybe\n"));
  const failure = start.catch((error: unknown) => error);
  const lab = await begun(before);

  expect(await failure).toBeInstanceOf(UserError);

  await gone(lab);
});

test("after a start that fails: an image without sshd", async () => {
  const before = new Set(watchdogs().map(({ lab }) => lab));
  await using image = await imageWithoutSshd();
  const failure = ForwardLab.start({ ...(await options("")), server: { image: image.name } }).catch((error: unknown) => error);
  const lab = await begun(before);

  expect(await failure).toMatchObject({ name: "UserError", code: "no-sshd" });

  await gone(lab);
});

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("after %s, with the lab running", async (signal) => {
  const child = harness();
  await once(child.stdout as NodeJS.ReadableStream, "data");
  await killed(child, signal);
});

/** Another one for each run, unless one is asked for: `FORWARDLAB_SEED=7 npx vitest run --project lab nothing-left`. */
const seed = Number(process.env.FORWARDLAB_SEED ?? Date.now() % 1_000_000_000);
const draw = new Draw(seed);

// Moments from before the first container to the open forward.
test.each(Array.from({ length: 12 }, (_, at) => 50 + at * 120 + Math.round(draw.next() * 120)))(
  `after SIGKILL %i ms after the start (seed ${seed})`,
  async (moment) => {
    const child = harness();
    await after(moment);
    await killed(child, "SIGKILL");
  },
);

test("after the end of its process, though its input stays open and nobody reads its output: as with an engine that was killed", async () => {
  const engine = await ensureEngine({ progress: () => undefined });
  const { docker } = engine;
  const { fabric: image } = await ensureImages(engine, [{ target: "fabric" }], { progress: () => undefined });
  const user = spawn("sleep", ["infinity"], { stdio: "ignore" });
  const id = `input-${user.pid}`;
  const owner = ownerProcess(user.pid as number);
  const container = await createFabric(docker, (image as ImageRef).reference, id, { labels: {}, owner });
  const stream = await attachStreams(container);
  const fabric = new Fabric(stream, (from, out, err) => docker.modem.demuxStream(from, out, err));
  await container.start();
  await fabric.ready;
  expect(await fabric.request("interfaces")).toEqual({ "": ["lo"] });
  // Nobody reads any more, and the agent has more to say than all buffers on the way hold.
  stream.removeAllListeners("readable");
  const request = `${JSON.stringify({ id: 2, op: "x".repeat(10_000) })}\n`;
  stream.write(request.repeat(500));
  expect((await leftovers(id)).length).toBeGreaterThan(0);
  user.kill("SIGKILL");

  await gone(id);
  stream.destroy();
});

function harness(): ChildProcess {
  return spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "start-and-wait.ts")], { stdio: ["pipe", "pipe", "inherit"] });
}

async function killed(child: ChildProcess, signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<void> {
  // Stopped first, so that what it has started by then can be read.
  child.kill("SIGSTOP");
  const labs = mine(child.pid as number, new Set());
  const ended = once(child, "exit");
  child.kill(signal);
  child.kill("SIGCONT");
  await ended;
  for (const lab of labs) await gone(lab);
}

/** The lab that this process is starting. What other processes prepare at the same time may come first. */
async function begun(before: ReadonlySet<string>): Promise<string> {
  await expect.poll(() => mine(process.pid, before), { interval: 5, timeout: 30_000 }).toHaveLength(1);
  return mine(process.pid, before)[0] as string;
}

/** Labs of one harness process, by its watchdogs. */
function mine(harnessPid: number, before: ReadonlySet<string>): string[] {
  return watchdogs()
    .filter(({ parent, lab }) => parent === harnessPid && !before.has(lab))
    .map(({ lab }) => lab);
}

/** The image that is there in any case, from which the lab's own are made: it has an sshd where no registry has it. */
async function imageWithoutSshd(): Promise<AsyncDisposable & { name: string }> {
  const { docker } = await ensureEngine({ progress: () => undefined });
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  const base = baseNames("trixie").find((name) => tags.includes(name)) as string;
  const container = await docker.createContainer({ Image: base, Cmd: ["rm", "-f", "/usr/sbin/sshd"], HostConfig: { NetworkMode: "none" } });
  await container.start();
  await container.wait();
  const name = `forwardlab-test/no-sshd:${process.pid}`;
  const [repo, tag] = name.split(":");
  await container.commit({ repo, tag });
  await container.remove();
  return { name, [Symbol.asyncDispose]: () => docker.getImage(name).remove() };
}
