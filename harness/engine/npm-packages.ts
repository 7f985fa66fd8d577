/**
 * Packages from npm that an image is to have: those of each folder of its build context that has a package.json. This machine's npm
 * installs them, because a build cannot reach the registry where that takes settings or certificates of this machine.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { cacheOf } from "./cache.ts";
import { run, toolError } from "./command.ts";
import { filesBelow, type Recipe } from "./recipe.ts";
import type { TarFile } from "./tar.ts";

const manifest = "/package.json";

/** Folders of a build context whose packages are to be installed. */
export function packageFolders(files: readonly TarFile[]): string[] {
  return files.flatMap(({ path }) => (path.endsWith(manifest) ? [path.slice(0, -manifest.length)] : []));
}

/** For Debian on `architecture`, as Docker names it, whatever this machine is. No scripts: they would run here, not in the image. */
export function npmInstall(folder: string, architecture: string): string[] {
  return [
    ...["npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-bin-links", "--ignore-scripts"],
    ...["--os=linux", `--cpu=${architecture === "amd64" ? "x64" : architecture}`, "--libc=glibc"],
    ...["--no-audit", "--no-fund", "--loglevel=error"],
  ];
}

/**
 * The files that npm installs for the recipe, to be sent with its build context; none for a recipe without a package.json. Call it under the
 * cache's lock.
 * @throws UserError `image.packages`, `engine.disk-full`
 */
export async function installPackages({ target, files }: Recipe, architecture: string, progress: Progress): Promise<TarFile[]> {
  const folders = packageFolders(files);
  if (folders.length === 0) return [];
  progress(stepOf("downloading-npm", { image: target }));
  const { scratch } = cacheOf();
  mkdirSync(scratch, { recursive: true });
  const made = mkdtempSync(join(scratch, "npm-"));
  try {
    const installed: TarFile[] = [];
    for (const folder of folders) {
      const content = files.find(({ path }) => path === folder + manifest)?.content ?? "";
      mkdirSync(join(made, folder), { recursive: true });
      writeFileSync(join(made, folder + manifest), content);
      const { code, output } = await run(npmInstall(join(made, folder), architecture));
      if (code !== 0) {
        throw toolError("image.packages", `the npm packages for the image ${target} could not be installed`, output, {
          fault: faultOf("npm-packages", { image: target }),
          todo: "check that npm is installed on this machine and reaches its registry (`npm ping`), then run it again",
        });
      }
      installed.push(...filesBelow(made, `${folder}/node_modules`));
    }
    return installed;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
