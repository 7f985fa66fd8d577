/**
 * What the first run on a machine without an engine will need of Debian, made ahead while npm is still at work. Nothing here may need
 * a package of npm's.
 */
import { existsSync } from "node:fs";
import type { Progress } from "../core/step.ts";
import { makeBaseArchive } from "./base-archive.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { launchEmbedded, tellEmbedded } from "./embedded-start.ts";
import { candidates, endpointInputs } from "./endpoints.ts";
import { inLanes } from "./lanes.ts";
import { lock } from "./lock.ts";
import { machineLacks } from "./machine-lacks.ts";
import { DEFAULT_SUITE, type Suite } from "./suites.ts";

const REGISTRY = "https://registry-1.docker.io/v2/";
/** Milliseconds. */
const REGISTRY_MS = 2000;

interface Preparation {
  progress: Progress;
  /** Whose images the run will need. */
  suites?: readonly Suite[];
  cache?: Cache;
}

/**
 * Starts the embedded engine and makes, where no registry answers, the bases of the lab's images. Does nothing where another engine
 * may answer, or where the embedded one has been used before.
 * @returns whether there was anything to do
 * @throws UserError as `launchEmbedded` and `makeBaseArchive` do: the run that follows meets the same fault, and tells it
 */
export async function prepareFirstRun({ progress, suites = [DEFAULT_SUITE], cache = cacheOf() }: Preparation): Promise<boolean> {
  if (machineLacks() || existsSync(cache.engine) || otherEngine(cache)) return false;
  await using _lock = await lock(cache.lockFile, progress);
  tellEmbedded(cache, progress);
  const results = await Promise.allSettled([launchEmbedded(cache, progress), makeBases(suites, progress, cache)]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return true;
}

async function makeBases(suites: readonly Suite[], progress: Progress, cache: Cache): Promise<void> {
  if (suites.length === 0 || machineLacks() || (await registryAnswers())) return;
  await inLanes(suites, async (suite) => void (await makeBaseArchive(suite, progress, cache)));
}

/** An endpoint that is not the embedded engine's and may have an engine behind it. */
function otherEngine({ endpoint: embedded }: Cache): boolean {
  const others = candidates(endpointInputs(embedded)).filter(({ endpoint }) => endpoint !== embedded);
  return others.some(({ endpoint }) => !endpoint.startsWith("unix://") || existsSync(endpoint.slice("unix://".length)));
}

/** Any answer is one: the engine itself will ask for what it wants. */
function registryAnswers(): Promise<boolean> {
  return fetch(REGISTRY, { signal: AbortSignal.timeout(REGISTRY_MS) }).then(
    () => true,
    () => false,
  );
}
