/** Files that a command writes for others to read. */
import { realpathSync } from "node:fs";
import { rename, rm, stat, writeFile } from "node:fs/promises";

/** `/dev/stdout` may lead to a regular file, which somebody else has open. */
const ofSystem = /^\/(?:dev|proc)\//;

/**
 * The whole text is there, or what was there before: whoever reads the file never finds a part of it. What is no regular file (a pipe, a
 * device), and a file that is mounted by itself, is written to as it is.
 * @throws the system's own error
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (ofSystem.test(path) || (there && !there.isFile())) return writeFile(path, text);
  // A link stays one.
  const target = there ? realpathSync(path) : path;
  const aside = `${target}.${process.pid}.part`;
  try {
    await writeFile(aside, text, there ? { mode: there.mode } : {});
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    await writeFile(target, text);
  }
}
