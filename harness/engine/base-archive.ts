/** The file system of a suite's base image, made from Debian's packages. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { machineAptOptions, machineMirror, needsCertificates } from "./apt.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { run, toolError } from "./command.ts";
import type { Progress } from "./engine.ts";
import { STORING, storing } from "./stored-packages.ts";
import { ROLLING, type Suite } from "./suites.ts";
import { ensureTools, which } from "./tools.ts";

/** One that was made ahead and not used is made again after this long: Debian moves on. Milliseconds. */
const FRESH_MS = 3_600_000;

/**
 * What Debian's own `-slim` images leave out, and how they speed dpkg and apt up: so the two kinds of base are alike. A build that is cut
 * off is thrown away, whatever had reached the disk.
 */
const EXCLUDED = ["doc", "info", "lintian/overrides", "locale", "man"].map((folder) => `/usr/share/${folder}/*`);
const INCLUDED = ["/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias"];
const EXCLUDES = [...EXCLUDED.map((path) => `path-exclude=${path}`), ...INCLUDED.map((path) => `path-include=${path}`)];
/** The first packages are not unpacked by dpkg; mmdebstrap would start a Python for each to leave these out. */
const HOOKS = [
  ...STORING,
  `--setup-hook=mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && printf '%s\\n' '${EXCLUDES.join("' '")}' > "$1/etc/dpkg/dpkg.cfg.d/slim"`,
  `--extract-hook=cd "$1/usr/share" && rm -rf info lintian/overrides man/* locale/*/ && find doc -type f ! -name copyright -delete`,
];
const APT_OPTIONS = ['Acquire::Languages "none";', 'Acquire::GzipIndexes "true";'];

/** Why no base can be made here; undefined when it can. */
export function archiveObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "that needs Linux and root";
  if (!which("apt-get", process.env)) return "that needs apt-get (Debian or Ubuntu)";
  return undefined;
}

/**
 * Makes it, or finds the one that was made a moment ago; a tar archive. Call it under the cache's lock.
 * @throws UserError `image.base-build`, `engine.packages`, `engine.disk-full`
 */
export async function makeBaseArchive(suite: Suite, progress: Progress, cache: Cache = cacheOf()): Promise<string> {
  const archive = archiveOf(suite, cache);
  if (existsSync(archive) && Date.now() - statSync(archive).mtimeMs < FRESH_MS) return archive;
  progress(`no registry answers: building the base image for Debian ${suite} from Debian packages`);
  const tools = await ensureTools(cache, "mmdebstrap", ["mmdebstrap", "debian-archive-keyring"], progress);
  const scratch = join(cache.scratch, suite);
  try {
    rmSync(scratch, { recursive: true, force: true }); // of a build that was killed
    mkdirSync(scratch, { recursive: true });
    const made = join(scratch, "base.tar");
    const { code, output } = await run(await bootstrapCommand(suite, made, tools.root), {
      env: { ...tools.env, ...storing, TMPDIR: scratch },
    });
    if (code !== 0) {
      throw toolError(
        "image.base-build",
        `the base image for Debian ${suite} could not be built`,
        output,
        "check that apt on this machine reaches a Debian mirror with this release, or give the engine access to a registry",
      );
    }
    mkdirSync(cache.bases, { recursive: true });
    renameSync(made, archive);
    return archive;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Removes it, if there is one: an engine has it, or does not need it. */
export function dropBaseArchive(suite: Suite, cache: Cache = cacheOf()): void {
  rmSync(archiveOf(suite, cache), { force: true });
}

const archiveOf = (suite: Suite, { bases }: Cache) => join(bases, `${suite}.tar`);

/** mmdebstrap in a mount and process namespace of its own: when it is killed, its processes and mounts go with it. */
async function bootstrapCommand(suite: Suite, archive: string, root: string): Promise<string[]> {
  const mirror = machineMirror();
  const own = join(root, "usr/bin/mmdebstrap");
  const keyrings = join(root, "usr/share/keyrings");
  // `run` puts `setpriv --pdeathsig KILL` before it; unshare hands the kill on.
  const command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "perl", existsSync(own) ? own : "/usr/bin/mmdebstrap"];
  // The package lists stay, for the images that are built on it: see containers/Dockerfile.
  command.push("--mode=root", "--variant=apt", "--format=tar", "--skip=cleanup/apt/lists");
  if (needsCertificates(mirror)) command.push("--include=ca-certificates");
  for (const option of [...APT_OPTIONS, ...(await machineAptOptions())]) command.push(`--aptopt=${option}`);
  command.push("--dpkgopt=force-unsafe-io", ...HOOKS);
  if (existsSync(keyrings)) command.push(`--keyring=${keyrings}`);
  command.push(suite, archive);
  if (mirror) {
    command.push(`deb ${mirror.main} ${suite} main`);
    if (mirror.security && !ROLLING.includes(suite)) command.push(`deb ${mirror.security} ${suite}-security main`);
  }
  return command;
}
