/** Finds an engine, or starts one. */

import { setTimeout } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { cacheOf } from "./cache.ts";
import { connect } from "./connect.ts";
import { embeddedObstacle, startEmbedded, tellEmbedded } from "./embedded-start.ts";
import { candidates, endpointInputs } from "./endpoints.ts";
import type { Engine, Progress } from "./engine.ts";

/** What Testcontainers finds by itself. */
const USUAL = "unix:///var/run/docker.sock";

export interface Attempt {
  endpoint: string;
  source: string;
  reason: string;
  /** It may be about to answer. */
  starting?: true;
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
      todo: `start that engine, correct the variable, or unset it so that forwardlab searches for an engine itself`,
    });
  }
  const obstacle = embeddedObstacle();
  if (obstacle) {
    throw new UserError("engine.none", "no container engine answers on this machine", {
      fault: faultOf("engine-none", {}),
      found: tried.map(({ endpoint, source, reason }) => `${endpoint} (${source}): ${reason}`).join("\n            "),
      expected: "a running Docker-compatible engine that this account may use",
      todo: `start Docker or Podman, or set DOCKER_HOST to a remote engine. (The embedded engine cannot be used here: ${obstacle}.)`,
    });
  }
  tellEmbedded(cacheOf(), progress);
  return useEngine(await startEmbedded({ progress }));
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
    const remote = found.explicit && attempt && /^(tcp|https?):/.test(attempt.endpoint) && attempt.starting;
    if (found.engine || !remote || Date.now() > until) return found;
    if (!told) progress(`waiting for the engine at ${attempt.endpoint} (${attempt.source}): ${attempt.reason}`);
    await setTimeout(againMs);
  }
}

/** Asks all candidates in order until one answers. Starts nothing, sets nothing. */
export async function findEngine(): Promise<Found> {
  const { endpoint: embedded } = cacheOf();
  const tried: Attempt[] = [];
  const list = candidates(endpointInputs(embedded));
  for (const candidate of list) {
    const { engine, reason, starting } = await connect(candidate, embedded);
    if (engine) return { engine, ...(candidate.tls && { tls: candidate.tls }), tried, explicit: candidate.explicit };
    tried.push({ endpoint: candidate.endpoint, source: candidate.source, reason, ...(starting ? { starting } : {}) });
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
