/** Finds an engine, or starts one. */

import { userInfo } from "node:os";
import { setTimeout } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { cacheOf } from "./cache.ts";
import { connect, type Remedy } from "./connect.ts";
import { startEmbedded, tellEmbedded } from "./embedded-start.ts";
import { candidates, endpointInputs } from "./endpoints.ts";
import type { Engine } from "./engine.ts";
import { lackText, machineLacks } from "./machine-lacks.ts";

/** What Testcontainers finds by itself. */
const USUAL = "unix:///var/run/docker.sock";

export interface Attempt {
  endpoint: string;
  source: string;
  reason: string;
  remedy?: Remedy;
}

/**
 * The engine to use: the first that answers of DOCKER_CONTEXT or DOCKER_HOST, the current docker context, the usual
 * sockets (Docker, rootless, Desktop, Podman), the embedded engine; else the embedded engine is started, where it can be.
 * One that was named explicitly and does not answer is an error: another one is never used in its place.
 *
 * One that was named by its TCP address may still be starting, as a CI job's service does: it is waited for.
 *
 * Side effect: sets `process.env.DOCKER_HOST` (and for TLS DOCKER_TLS_VERIFY, DOCKER_CERT_PATH) to the endpoint unless it is the one that Testcontainers finds anyway,
 * because Testcontainers reads that variable (once, at its first use: call this before); and TESTCONTAINERS_HOST_OVERRIDE.
 * @throws UserError `engine.named-but-dead`, `engine.none`, and those of `startEmbedded`
 */
export async function ensureEngine({ progress }: { progress: Progress }): Promise<Engine> {
  const { engine, tls, tried, explicit } = await findStarting(progress);
  if (engine) return useEngine(engine, tls);
  if (explicit) {
    const [attempt] = tried;
    throw new UserError("engine.named-but-dead", `the engine that ${attempt?.source} names does not answer`, {
      found: `${attempt?.endpoint}: ${attempt?.reason}`,
      fault: faultOf("engine-dead", { source: attempt?.source ?? "" }),
      todo: whatToDo(tried, explicit),
    });
  }
  const obstacle = machineLacks();
  if (obstacle) {
    throw new UserError("engine.none", "no container engine answers on this machine", {
      fault: faultOf("engine-none", { ...noRight(tried), lacks: obstacle }),
      found: listed(tried).replaceAll("\n", "\n            "),
      expected: "a running Docker-compatible engine that this account may use",
      todo: `${whatToDo(tried, explicit)} (The embedded engine cannot be used here: ${lackText(obstacle)}.)`,
    });
  }
  tellEmbedded(cacheOf(), progress);
  return useEngine(await startEmbedded({ progress }));
}

/** When none of these answers, and the embedded engine is not used. */
export function whatToDo(tried: readonly Attempt[], explicit: boolean): string {
  const closed = tried.find(({ remedy }) => remedy === "permission");
  if (closed && /podman/.test(closed.endpoint))
    return `${closed.endpoint} is root's: start this account's own (\`systemctl --user start podman.socket\`), and set DOCKER_HOST if it is not found.`;
  if (closed) {
    return `give this account the right to use ${closed.endpoint}: as root, \`usermod -aG docker ${accountName()}\`, then log in again; or use a rootless engine.`;
  }
  if (explicit) return "start that engine, correct the variable, or unset it so that forwardlab searches for an engine itself.";
  return "start Docker (`systemctl start docker`) or Podman (`systemctl --user start podman.socket`, or as root without `--user`), or set DOCKER_HOST.";
}

/** The engine that this account may not use, and, unless it is root's Podman, who should get the right. */
function noRight(tried: readonly Attempt[]): { permission?: string; account?: string } {
  const closed = tried.find(({ remedy }) => remedy === "permission");
  if (!closed) return {};
  return { permission: closed.endpoint, ...(/podman/.test(closed.endpoint) ? {} : { account: accountName() }) };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return "ACCOUNT"; // its number has no entry in /etc/passwd
  }
}

/** One line for each. */
export function listed(tried: readonly Attempt[]): string {
  return tried.map(({ endpoint, source, reason }) => `${endpoint} (${source}): ${reason}`).join("\n");
}

interface Found {
  engine?: Engine;
  tls?: string;
  tried: Attempt[];
  explicit: boolean;
}

/** Docker's own wait before it serves plain TCP is 15 s. Milliseconds. */
const [startingMs, againMs] = [30_000, 500];

async function findStarting(progress: Progress): Promise<Found> {
  const until = Date.now() + startingMs;
  for (let told = false; ; told = true) {
    const found = await findEngine();
    const [attempt] = found.tried;
    const remote = found.explicit && attempt && /^(tcp|https?):/.test(attempt.endpoint) && attempt.remedy === "wait";
    if (found.engine || !remote || Date.now() > until) return found;
    if (!told) progress(stepOf("waiting-for-engine", { endpoint: attempt.endpoint, source: attempt.source, said: attempt.reason }));
    await setTimeout(againMs);
  }
}

/** Asks all candidates in order until one answers. Starts nothing, sets nothing. */
export async function findEngine(): Promise<Found> {
  const { endpoint: embedded } = cacheOf();
  const tried: Attempt[] = [];
  const list = candidates(endpointInputs(embedded));
  for (const candidate of list) {
    const { engine, reason, remedy } = await connect(candidate, embedded);
    if (engine) return { engine, ...(candidate.tls && { tls: candidate.tls }), tried, explicit: candidate.explicit };
    tried.push({ endpoint: candidate.endpoint, source: candidate.source, reason, ...(remedy ? { remedy } : {}) });
  }
  return { tried, explicit: list.some(({ explicit }) => explicit) };
}

/** Makes it the one that Testcontainers uses as well, for the rest of this process. */
export function useEngine(engine: Engine, tls?: string): Engine {
  // No port is published: without this, Testcontainers looks for a network of the engine's by which it would be reached.
  process.env.TESTCONTAINERS_HOST_OVERRIDE ??= "localhost";
  if (process.env.DOCKER_HOST !== undefined || engine.endpoint !== USUAL) process.env.DOCKER_HOST = engine.dockerHost;
  if (tls) Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: tls });
  return engine;
}
