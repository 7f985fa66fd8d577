/** Files that a command writes for others to read. */

import { realpathSync } from "node:fs";
import { rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * The whole text is there, or what was there before: whoever reads the file never finds a part of it. What is no regular file (a pipe, a
 * device) is written to as it is.
 * @throws the system's own error
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) return writeFile(path, text);
  // A link stays one.
  const target = there ? realpathSync(path) : path;
  const aside = `${target}.${process.pid}.part`;
  try {
    await writeFile(aside, text, there ? { mode: there.mode } : {});
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
