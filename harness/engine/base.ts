/** The base image of a suite: Debian's own from a registry, or one made from Debian's packages. */
import { createReadStream } from "node:fs";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Progress } from "../core/step.ts";
import { dropBaseArchive, makeBaseArchive } from "./base-archive.ts";
import { toolError } from "./command.ts";
import type { Engine } from "./engine.ts";
import { lackText, machineLacks } from "./machine-lacks.ts";
import { pull } from "./pull.ts";
import { PIECE, readStream } from "./stream.ts";
import type { Suite } from "./suites.ts";

/** What a base may be called, the preferred one first. */
export function baseNames(suite: Suite): [registry: string, own: string] {
  return [`debian:${suite}-slim`, `forwardlab-base:${suite}`];
}

/**
 * Makes a base for the suite available. Call it under the cache's lock and when neither of `baseNames` is there.
 * @returns the name of the one that is there now
 * @throws UserError `image.no-base`, `image.base-build`, `engine.packages`, `engine.disk-full`
 */
export async function obtainBase(engine: Engine, suite: Suite, progress: Progress): Promise<string> {
  const [registry, own] = baseNames(suite);
  const refused = await pull(engine, registry, progress);
  if (refused === undefined) {
    dropBaseArchive(suite);
    return registry;
  }

  const obstacle = machineLacks();
  if (obstacle) {
    throw new UserError("image.no-base", `there is no base image for Debian ${suite}`, {
      fault: faultOf("base-none", { suite, registry, said: refused, lacks: obstacle }),
      found: `${registry} cannot be pulled (${refused}), and it cannot be built from Debian packages: ${lackText(obstacle, "that")}`,
      todo: `give the engine access to a registry, or load the image manually: \`docker load\` an archive with ${registry}`,
    });
  }
  await build(engine, suite, own, progress);
  return own;
}

async function build(engine: Engine, suite: Suite, name: string, progress: Progress): Promise<void> {
  const archive = await makeBaseArchive(suite, progress);
  try {
    await importArchive(engine, archive, name);
  } finally {
    dropBaseArchive(suite);
  }
}

async function importArchive({ docker }: Engine, archive: string, name: string): Promise<void> {
  // The tag in the name: Podman 4 ignores it where it stands by itself.
  const imported = docker.importImage(createReadStream(archive, { highWaterMark: PIECE }), { repo: name });
  // What goes wrong at once, an engine says as the answer, and not within the stream.
  const { error, output } = await imported.then(readStream, ({ message }: Error) => ({ error: message, output: message }));
  if (!error) return;
  throw toolError("image.base-build", `the base image ${name} could not be imported into the engine`, output, {
    fault: faultOf("base-not-imported", { name }),
    todo: "see the engine's own log",
  });
}
