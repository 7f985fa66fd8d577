/** `forwardlab cache`: the lab's images as a file, for CI jobs that start from nothing each time. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { ensureEngine, exportImages, imagesKey, importImages } from "../engine/index.ts";
import { type Context, exitCodes } from "./run-command.ts";

export async function cacheCommand(
  action: string,
  file: string | undefined,
  { all }: { all?: boolean },
  { progress }: Context,
): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  if (action === "key") {
    say(imagesKey());
    return exitCodes.held;
  }
  if (file === undefined)
    throw new UserError("option", `cache ${action} needs the name of a file`, {
      fault: faultOf("argument-missing", { command: `cache ${action}` }),
      expected: `cache ${action} FILE`,
    });
  const engine = await ensureEngine({ progress });
  const images = action === "export" ? await exportImages(engine, file, { all, progress }) : await importImages(engine, file);
  for (const image of images) say(image);
  return exitCodes.held;
}
