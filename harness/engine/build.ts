/** Builds one image. */

import { Readable } from "node:stream";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { tail } from "./command.ts";
import { saysDiskFull } from "./disk.ts";
import type { Engine } from "./engine.ts";
import { installPackages } from "./npm-packages.ts";
import { buildContext, type Recipe } from "./recipe.ts";
import { readStream } from "./stream.ts";
import type { TarFile } from "./tar.ts";

/**
 * Builds the recipe on the base and tags it. The build uses the machine's network: an engine without NAT has no other way out.
 * @throws UserError `image.build`, `image.packages`, `engine.disk-full`
 */
export async function buildImage(engine: Engine, recipe: Recipe, base: string, reference: string, progress: Progress): Promise<void> {
  progress(stepOf("building-image", { image: recipe.target, suite: recipe.suite }));
  const started = performance.now();
  const installed = await installPackages(recipe, engine.architecture, progress);
  let result: { error?: string; output: string };
  try {
    const options = { t: reference, target: recipe.target, buildargs: { BASE: base, ...proxies() }, networkmode: "host", forcerm: true };
    result = await readStream(await engine.docker.buildImage(contextStream(recipe, installed), options));
  } catch (error) {
    result = { error: (error as Error).message, output: (error as Error).message };
  }
  if (result.error === undefined) {
    progress(
      stepOf("image-ready", { image: recipe.target, suite: recipe.suite, seconds: Math.round((performance.now() - started) / 1000) }),
    );
    return;
  }
  const full = saysDiskFull(result.output);
  throw new UserError(
    full ? "engine.disk-full" : "image.build",
    `the image ${recipe.target} for Debian ${recipe.suite} could not be built${full ? ": the engine's disk is full" : ""}`,
    {
      found: result.error.replace(/^The command '(.{0,60}).*' returned/s, "the step '$1…' returned"),
      todo: full
        ? "free some space (`docker system df` shows what uses it), then run it again"
        : "the end of the log shows which step failed; usually the package mirror could not be reached",
      log: tail(result.output),
      fault: full ? faultOf("engine-disk-full", {}) : faultOf("image-not-built", { image: recipe.target, suite: recipe.suite }),
    },
  );
}

function contextStream(recipe: Recipe, installed: readonly TarFile[]): NodeJS.ReadableStream {
  return Readable.from([buildContext(recipe, installed)], { objectMode: false });
}

/** The engine knows these build arguments without an ARG and does not write them into the image. */
function proxies(): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
