/** Which files a policy may name: it may come from a stranger, as a pull request does, and what is read is shown. */
import { realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/** Folders in which a path has to end, whatever links and `..` it goes by. */
export class AllowedFolders {
  readonly #folders: readonly string[] | undefined;

  /** @param folders left out: anywhere */
  constructor(folders?: readonly string[]) {
    this.#folders = folders?.map(realPath);
  }

  /** What is not there can be allowed, too. */
  hold(path: string): boolean {
    if (!this.#folders) return true;
    const real = realPath(path);
    return this.#folders.some((folder) => real === folder || !relative(folder, real).split(sep).includes(".."));
  }
}

export const anywhere: AllowedFolders = new AllowedFolders();

/** Of what is not there: that of its folder. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), path.slice(folder.length).replace(/^[\\/]+/, ""));
  }
}
