/** Finds an engine, or starts one. */
import { UserError } from "../core/errors.ts";
import { cacheOf } from "./cache.ts";
import { connect } from "./connect.ts";
import { embeddedObstacle, startEmbedded } from "./embedded-start.ts";
import { candidates, endpointInputs } from "./endpoints.ts";
import type { Engine, Progress } from "./engine.ts";

/** What Testcontainers finds by itself. */
const USUAL = "unix:///var/run/docker.sock";

export interface Attempt {
  endpoint: string;
  source: string;
  reason: string;
}

/**
 * The engine to use: the first that answers of DOCKER_CONTEXT or DOCKER_HOST, the current docker context, the usual
 * sockets (Docker, rootless, Desktop, Podman), the embedded engine; else the embedded engine is started, where it can be.
 * One that was named explicitly and does not answer is an error: another one is never used in its place.
 *
 * Side effect: sets `process.env.DOCKER_HOST` (and for TLS DOCKER_TLS_VERIFY, DOCKER_CERT_PATH) to the endpoint unless it is the one that Testcontainers finds anyway,
 * because Testcontainers reads that variable (once, at its first use: call this before).
 * @throws UserError `engine.named-but-dead`, `engine.none`, and those of `startEmbedded`
 */
export async function ensureEngine({ progress }: { progress: Progress }): Promise<Engine> {
  const { engine, tls, tried, explicit } = await findEngine();
  if (engine) return announce(engine, tls);
  if (explicit) {
    const [attempt] = tried;
    throw new UserError("engine.named-but-dead", `the engine that ${attempt?.source} names does not answer`, {
      found: `${attempt?.endpoint}: ${attempt?.reason}`,
      todo: `start that engine, correct the variable, or unset it so that forwardlab searches for an engine itself`,
    });
  }
  const obstacle = embeddedObstacle();
  if (obstacle) {
    throw new UserError("engine.none", "no container engine answers on this machine", {
      found: tried.map(({ endpoint, source, reason }) => `${endpoint} (${source}): ${reason}`).join("\n            "),
      expected: "a running Docker-compatible engine that this account may use",
      todo: `start Docker or Podman, or set DOCKER_HOST to a remote engine. (The embedded engine cannot be used here: ${obstacle}.)`,
    });
  }
  tell(progress);
  return announce(await startEmbedded({ progress }));
}

/** Asks all candidates in order until one answers. Starts nothing, sets nothing. */
export async function findEngine(): Promise<{ engine?: Engine; tls?: string; tried: Attempt[]; explicit: boolean }> {
  const { endpoint: embedded } = cacheOf();
  const tried: Attempt[] = [];
  const list = candidates(endpointInputs(embedded));
  for (const candidate of list) {
    const { engine, reason } = await connect(candidate, embedded);
    if (engine) return { engine, ...(candidate.tls && { tls: candidate.tls }), tried, explicit: candidate.explicit };
    tried.push({ endpoint: candidate.endpoint, source: candidate.source, reason });
  }
  return { tried, explicit: list.some(({ explicit }) => explicit) };
}

function announce(engine: Engine, tls?: string): Engine {
  if (process.env.DOCKER_HOST !== undefined || engine.endpoint !== USUAL) process.env.DOCKER_HOST = engine.endpoint;
  if (tls) Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: tls });
  return engine;
}

/** Nobody is asked, so everybody is told. */
function tell(progress: Progress): void {
  const { folder } = cacheOf();
  progress("no container engine runs on this machine: starting forwardlab's embedded one");
  progress(
    `  (Debian's dockerd, unpacked below ${folder}; nothing is installed on the system; \`forwardlab engine rm\` removes all of it)`,
  );
}
