/** Programs from Debian packages, unpacked for our own use: nothing is installed on the system. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import type { Cache } from "./cache.ts";
import { type CommandResult, run, toolError } from "./command.ts";
import { requireFree } from "./disk.ts";

/** The C library must be the one that the running loader belongs to. */
const NEVER_UNPACKED = /^(libc6|libc-bin|base-files|base-passwd)_/;
const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Measured for docker.io: 0.25 GiB unpacked; package lists and packages take as much while it is made. */
const NEEDED_GIB = 0.6;

export interface Tools {
  /** Where the packages were unpacked; files that the system has already are not there. */
  root: string;
  /** PATH and library path with the unpacked files first, then the system's. */
  env: NodeJS.ProcessEnv;
}

/**
 * Downloads and unpacks packages with all they need that the system lacks. Call it under the cache's lock.
 * A folder under its final name is complete: it is made aside and renamed, so a kill at any moment leaves nothing to repair.
 * @throws UserError `engine.packages`, `engine.disk-full`
 */
export async function ensureTools(cache: Cache, name: string, packages: readonly string[], progress: Progress): Promise<Tools> {
  const root = join(cache.tools, name);
  if (!existsSync(root)) {
    const making = underway.get(root) ?? make(cache, root, packages, progress).finally(() => underway.delete(root));
    underway.set(root, making);
    await making;
  }
  return toolsAt(root);
}

/** The lock keeps other processes out; this keeps two callers in this one apart. */
const underway = new Map<string, Promise<void>>();

async function make(cache: Cache, root: string, packages: readonly string[], progress: Progress): Promise<void> {
  await requireFree(cache.folder, NEEDED_GIB);
  const aside = `${root}.making`;
  rmSync(aside, { recursive: true, force: true });
  const debs = join(aside, "debs");
  const unpacked = join(aside, "root");
  mkdirSync(join(debs, "partial"), { recursive: true });
  mkdirSync(unpacked, { recursive: true });

  progress(stepOf("downloading-debian", { packages, folder: cache.tools }));
  await download(cache, debs, packages, progress);
  for (const deb of readdirSync(debs).filter((file) => file.endsWith(".deb") && !NEVER_UNPACKED.test(file))) {
    const { code, output } = await run(["dpkg", "-x", join(debs, deb), unpacked]);
    if (code !== 0)
      throw toolError("engine.packages", `the package ${deb} could not be unpacked`, output, {
        fault: faultOf("debian-package", { file: deb }),
        todo: "run it again",
      });
  }
  renameSync(unpacked, root);
  rmSync(aside, { recursive: true, force: true });
}

/** Nothing is installed, so dpkg's lock is not needed (an upgrade that runs at the same time does not matter), nor apt's own caches. */
const APT = [
  "-o",
  "Debug::NoLocking=true",
  "-o",
  "APT::Sandbox::User=root",
  "-o",
  "Dir::Cache::pkgcache=",
  "-o",
  "Dir::Cache::srcpkgcache=",
];

async function download(cache: Cache, debs: string, packages: readonly string[], progress: Progress): Promise<void> {
  const own = ["-o", `Dir::State::lists=${cache.aptLists}`];
  const get = (options: string[]) =>
    run(
      ["apt-get", "-y", ...APT, ...options].concat(
        ["install", "--no-install-recommends", "--download-only", "-o", `Dir::Cache::archives=${debs}`],
        packages,
      ),
      { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" } },
    );

  let result = await get(existsSync(cache.aptLists) ? own : []);
  if (result.code !== 0) {
    const update = await updateLists(cache, own, progress);
    result = await get(own);
    if (result.code !== 0) {
      throw toolError(
        "engine.packages",
        `Debian packages could not be downloaded: ${packages.join(", ")}`,
        `${update.output}${result.output}`,
        {
          fault: faultOf("debian-packages", { packages }),
          todo: "check that `apt-get update` works on this machine; or start a Docker engine yourself and set DOCKER_HOST",
        },
      );
    }
  }
}

/** Once for all that are waiting for it. */
function updateLists({ aptLists }: Cache, own: readonly string[], progress: Progress): Promise<CommandResult> {
  const update = async () => {
    progress(stepOf("reading-package-lists", {}));
    mkdirSync(join(aptLists, "partial"), { recursive: true });
    return await run(["apt-get", ...APT, ...own, "update"]);
  };
  const updating = updates.get(aptLists) ?? update().finally(() => updates.delete(aptLists));
  updates.set(aptLists, updating);
  return updating;
}

const updates = new Map<string, Promise<CommandResult>>();

/** What has been unpacked at `root`; the system's own programs when nothing has. */
export function toolsAt(root: string): Tools {
  const triplet = existsSync(join(root, "usr/lib")) ? readdirSync(join(root, "usr/lib")).filter((name) => /-linux-/.test(name)) : [];
  const alsoTop = existsSync(join(root, "lib")) ? readdirSync(join(root, "lib")).filter((name) => /-linux-/.test(name)) : [];
  const libraries = [...triplet.map((name) => join(root, "usr/lib", name)), ...alsoTop.map((name) => join(root, "lib", name))];
  const path = [...["usr/sbin", "usr/bin", "sbin", "bin"].map((folder) => join(root, folder)), process.env.PATH ?? "", ...SYSTEM_PATH];
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path.filter(Boolean).join(delimiter) };
  if (libraries.length > 0) env.LD_LIBRARY_PATH = libraries.join(delimiter);
  const perl = perlFolders(root, triplet);
  if (perl.length > 0) env.PERL5LIB = perl.join(delimiter);
  return { root, env };
}

/** Where Debian's Perl looks, below `root`: needed when Perl itself was among the packages. */
function perlFolders(root: string, triplets: readonly string[]): string[] {
  const below = (folder: string) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(root, folder, name)) : [];
  return [
    ...triplets.flatMap((triplet) => [...below(`usr/lib/${triplet}/perl5`), ...below(`usr/lib/${triplet}/perl`)]),
    ...(existsSync(join(root, "usr/share/perl5")) ? [join(root, "usr/share/perl5")] : []),
    ...below("usr/share/perl"),
  ];
}

/** The first place in PATH that has the program; undefined when none has. */
export function which(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}
