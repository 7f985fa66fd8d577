/** Gets an image from its registry. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { saysDiskFull } from "./disk.ts";
import type { Engine } from "./engine.ts";
import { readStream } from "./stream.ts";

const SLOW_MS = 1000;

/**
 * Pulls; returns why it could not, undefined when it could. (Docker would pull all tags of a name without one.)
 * @throws UserError `engine.disk-full`
 */
export async function pull({ docker }: Engine, reference: string, progress: Progress): Promise<string | undefined> {
  const full = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const slow = setTimeout(() => progress(stepOf("pulling", { image: full })), SLOW_MS);
  try {
    const { error, output } = await readStream(await docker.pull(full));
    if (error && saysDiskFull(error)) {
      throw new UserError("engine.disk-full", `pulling ${full}: the engine's disk is full`, {
        todo: "free some space (`docker system df` shows what uses it), then run it again",
        log: output,
        fault: faultOf("engine-disk-full", {}),
      });
    }
    return error;
  } catch (error) {
    if (error instanceof UserError) throw error;
    return (error as Error).message;
  } finally {
    clearTimeout(slow);
  }
}
