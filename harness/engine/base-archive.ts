/** The file system of a suite's base image, made from Debian's packages: with those that every lab needs, so that its images are soon built. */

import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Progress, stepOf } from "../core/step.ts";
import { machineAptOptions, machineMirror, needsCertificates } from "./apt.ts";
import { rootScript } from "./base-root.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { run, toolError } from "./command.ts";
import { type Fetched, fetchPackages } from "./fetch-packages.ts";
import { labPackages } from "./recipe.ts";
import { quoted } from "./shell.ts";
import { DEFAULT_SUITE, ROLLING, type Suite } from "./suites.ts";
import { ensureTools, type Tools, which } from "./tools.ts";

/** One that was made ahead and not used is made again after this long: Debian moves on. Milliseconds. */
const FRESH_MS = 3_600_000;

const KEYRING = "usr/share/keyrings/debian-archive-keyring.gpg";
/** The mirrors for machines that do not run Debian. */
const DEBIAN = { main: "http://deb.debian.org/debian", security: "http://deb.debian.org/debian-security" };
/** Options of apt in the base, as in Debian's images. */
const APT_OPTIONS = ['Acquire::Languages "none";', 'Acquire::GzipIndexes "true";'];

/** Of this machine's memory: a base in the making takes 0.4, and dpkg waits for a disk after each of its steps. GiB. */
const ENOUGH_MEMORY = 2;

/**
 * Makes it, or finds the one that was made a moment ago; a tar archive. Call it under the cache's lock.
 * @throws UserError `image.base-build`, `engine.packages`, `engine.disk-full`
 */
export async function makeBaseArchive(suite: Suite, progress: Progress, cache: Cache = cacheOf()): Promise<string> {
  const archive = archiveOf(suite, cache);
  if (existsSync(archive) && Date.now() - statSync(archive).mtimeMs < FRESH_MS) return archive;
  progress(stepOf("building-base", { suite }));
  const scratch = join(cache.scratch, suite);
  try {
    rmSync(scratch, { recursive: true, force: true }); // of a build that was killed
    const [made, fetching, making] = ["base.tar", "fetched", "making"].map((name) => join(scratch, name)) as [string, string, string];
    for (const folder of [fetching, making]) mkdirSync(folder, { recursive: true });
    const tools = await baseTools(cache, progress);
    const plan = await planOf(suite, tools.root);
    const fetched = await fetchPackages(fetching, plan);
    const script = join(scratch, "make-base.sh");
    writeFileSync(script, inMemory(making) + rootScript(making, made, partsOf(plan, fetched)));
    // In its own mount and PID namespaces, so that its processes and mounts disappear if it is killed. `run` prefixes `setpriv --pdeathsig KILL`;
    // unshare passes the kill on.
    const { code, output } = await run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", script], { env: tools.env });
    if (code !== 0) throw notBuilt(suite, output);
    mkdirSync(cache.bases, { recursive: true });
    renameSync(made, archive);
    return archive;
  } catch (error) {
    throw error instanceof UserError ? error : notBuilt(suite, String(error));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function notBuilt(suite: Suite, output: string): UserError {
  return toolError("image.base-build", `the base image for Debian ${suite} could not be built`, output, {
    fault: faultOf("base-not-built", { suite }),
    todo: "check that apt on this machine reaches a Debian mirror with this release, or give the engine access to a registry",
  });
}

/** Removes it, if there is one: an engine has it, or does not need it. */
export function dropBaseArchive(suite: Suite, cache: Cache = cacheOf()): void {
  rmSync(archiveOf(suite, cache), { force: true });
}

const archiveOf = (suite: Suite, { bases }: Cache) => join(bases, `${suite}.tar`);

/** Tools that a small system may lack: the system's own, otherwise unpacked ones. */
async function baseTools(cache: Cache, progress: Progress): Promise<Tools> {
  const missing = [
    ...(existsSync(join("/", KEYRING)) ? [] : ["debian-archive-keyring"]),
    ...(["mount", "umount"].every((program) => which(program, process.env)) ? [] : ["mount"]),
  ];
  return missing.length === 0 ? { root: "/", env: process.env } : ensureTools(cache, "base", missing, progress);
}

interface Plan {
  sources: string[];
  options: string[];
  keyrings: string[];
  sets: Record<"essential" | "system" | "all", string[]>;
}

async function planOf(suite: Suite, root: string): Promise<Plan> {
  const mirror = machineMirror() ?? DEBIAN;
  const { host, fabric } = labPackages();
  const security = mirror.security && !ROLLING.includes(suite) ? [`deb ${mirror.security} ${suite}-security main`] : [];
  const system = ["?essential", "apt", ...(needsCertificates(mirror) ? ["ca-certificates"] : []), ...host];
  return {
    sources: [`deb ${mirror.main} ${suite} main`, ...security],
    options: await machineAptOptions(),
    keyrings: [join(existsSync(join(root, KEYRING)) ? root : "/", KEYRING)],
    sets: { essential: ["?essential"], system, all: suite === DEFAULT_SUITE ? [...system, ...fabric] : system },
  };
}

function partsOf({ sources, options }: Plan, { lists, packages, sets }: Fetched): Parameters<typeof rootScript>[2] {
  const { essential = [], system = [], all = [] } = sets;
  const further = all.filter((file) => !system.includes(file));
  return { packages, essential, system, further, lists, sources, options: [...APT_OPTIONS, ...options] };
}

function inMemory(folder: string): string {
  return process.availableMemory() >= ENOUGH_MEMORY * 2 ** 30 ? `mount -t tmpfs none ${quoted(folder)} || exit\n` : "";
}
