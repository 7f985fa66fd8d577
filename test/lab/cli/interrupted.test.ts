/** A run that is interrupted or killed, or whose engine dies, leaves nothing behind. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { endOf, startCli } from "../../quick/cli/run-cli.ts";
import { containersOf } from "./containers-of.ts";

const article = join(import.meta.dirname, "..", "..", "..", "examples", "article");
/** Progress that tells where a run is, as a person sees it. */
const phases = ["starting 4 containers", "wiring the hosts", "starting sshd", "opening 3 forwards"];
const signals = [
  { signal: "SIGINT", code: 130 },
  { signal: "SIGTERM", code: 143 },
  { signal: "SIGKILL", code: null },
] as const;

describe.concurrent("nothing is left", () => {
  test.each(phases.flatMap((phase) => signals.map((each) => ({ phase, ...each }))))(
    "$signal at: $phase",
    async ({ phase, signal, code }) => {
      const child = startCli(["verify", article]);
      const ended = endOf(child);
      await said(child, phase);
      child.kill(signal);
      expect((await ended).code).toBe(code);
      await gone(child);
    },
  );

  test.each(signals)("$signal while a lab to keep is being started", async ({ signal, code }) => {
    const child = startCli(["up", "--name", `test-${process.pid}-${signal.toLowerCase()}`]);
    const ended = endOf(child);
    await said(child, "starting sshd");
    child.kill(signal);
    expect((await ended).code).toBe(code);
    await gone(child);
  });

  test.each(phases.slice(1))("the engine is gone at: %s", async (phase) => {
    await using engine = await breakableEngine();
    const child = startCli(["verify", article], { DOCKER_HOST: `unix://${engine.path}` });
    const ended = endOf(child);
    await said(child, phase);
    engine.breakOff();
    const { code, stderr } = await ended;
    expect(stderr).toMatch(/^error\[[a-z.-]+\]: /m);
    expect(stderr).not.toContain("error[internal]");
    expect(code).toBe(2);
    await gone(child);
  });
});

/** The watchdogs take a second; on a machine with many labs under way, longer. */
async function gone(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  let left = await containersOf(child.pid);
  while (left.length > 0 && Date.now() < deadline) {
    await after(50);
    left = await containersOf(child.pid);
  }
  expect(left).toEqual([]);
}

async function said(child: ChildProcess, text: string): Promise<void> {
  let heard = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(text)) resolve();
    });
    child.once("exit", () => reject(new Error(`ended before it said "${text}":\n${heard}`)));
  });
}

/** A way to the real engine that can be broken: to the command line it looks as if the engine had died. */
async function breakableEngine(): Promise<AsyncDisposable & { path: string; breakOff(): void }> {
  const real = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-engine-"));
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: real, allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy()).pipe(other);
    }
  });
  const path = join(folder, "docker.sock");
  await once(server.listen(path), "listening");
  const breakOff = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return {
    path,
    breakOff,
    [Symbol.asyncDispose]: async () => {
      breakOff();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
