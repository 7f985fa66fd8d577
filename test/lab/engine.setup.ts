/** Before any lab test: an engine and the images that the tests need. Workers inherit DOCKER_HOST, which `ensureEngine` sets. */

import { formatUserError, UserError } from "../../harness/core/errors.ts";
import { ensureEngine, ensureImages, SUITES } from "../../harness/engine/index.ts";

const progress = (message: string) => process.stderr.write(`forwardlab: ${message}\n`);

export default async function setup(): Promise<void> {
  try {
    const engine = await ensureEngine({ progress });
    const hosts = SUITES.map((suite) => ({ target: "host", suite }));
    await ensureImages(engine, [{ target: "fabric" }, ...hosts], { progress });
  } catch (error) {
    if (error instanceof UserError) throw new Error(`\n${formatUserError(error)}`);
    throw error;
  }
}
