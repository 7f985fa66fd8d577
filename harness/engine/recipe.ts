/** A target and a suite -> what its image is made from, and the hash of that. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { argWords, contextPaths, targetsOf, trimTo } from "./dockerfile.ts";
import type { Suite } from "./suites.ts";
import { type TarFile, tar } from "./tar.ts";

/** `containers/`, seen from the sources and from the built package alike. */
const CONTAINERS = fileURLToPath(new URL("../../containers/", import.meta.url));

export interface Recipe {
  target: string;
  suite: Suite;
  /** Image name without tag. */
  name: string;
  /** Of everything but the base: 12 hexadecimal digits. */
  hash: string;
  /** The targets that it is built on. */
  on: string[];
  files: TarFile[];
}

/** The lab's own images, as containers/Dockerfile has them. `about` says what each brings. */
export function ownTargets(folder = CONTAINERS): { name: string; about: string }[] {
  return targetsOf(readFileSync(join(folder, "Dockerfile"), "utf8"));
}

/** Debian's packages of the images that every lab needs; `fabric`: those that it has besides the host's. */
export function labPackages(folder = CONTAINERS): Record<"host" | "fabric", string[]> {
  const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");
  return { host: argWords(dockerfile, "HOST_PACKAGES"), fabric: argWords(dockerfile, "FABRIC_PACKAGES") };
}

/** Reads the recipe from disk: a few small files. */
export function recipeOf(target: string, suite: Suite, folder = CONTAINERS): Recipe {
  const dockerfile = trimTo(readFileSync(join(folder, "Dockerfile"), "utf8"), target);
  const files = [
    { path: "Dockerfile", content: Buffer.from(dockerfile) },
    ...contextPaths(dockerfile).flatMap((path) => filesBelow(folder, path)),
  ];
  const on = targetsOf(dockerfile).flatMap(({ name }) => (name === target ? [] : [name]));
  return { target, suite, name: `forwardlab/${target}`, hash: hashOf(files), on, files };
}

/** The tag says what the image was made from, so one look at the list of images tells whether it is up to date. */
export function tagOf({ suite, hash }: Recipe, baseId: string): string {
  return `${suite}-${hash}.${baseId.replace(/^sha256:/, "").slice(0, 12)}`;
}

/** @param installed files that npm brought, see npm-packages.ts */
export function buildContext({ files }: Recipe, installed: readonly TarFile[] = []): Buffer {
  return tar([...files, ...installed]);
}

function hashOf(files: readonly TarFile[]): string {
  const hash = createHash("sha256");
  for (const { path, content } of files) hash.update(`${path}\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 12);
}

/** A file, or all files of a folder, without what Python and npm left behind there. */
export function filesBelow(folder: string, path: string): TarFile[] {
  const full = join(folder, path);
  if (!existsSync(full)) throw new Error(`containers/Dockerfile copies ${path}, which is not there`);
  if (statSync(full).isFile()) return [{ path, content: readFileSync(full) }];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(full, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => !/__pycache__|\.pyc$|^node_modules\//.test(file))
    .sort()
    .map((file) => ({ path: `${path}/${file}`, content: readFileSync(join(full, file)) }));
}
