/** The file system of a suite's base image, made from Debian's packages: with those that every lab needs, so that its images are soon built. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { machineAptOptions, machineMirror, needsCertificates } from "./apt.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { run, toolError } from "./command.ts";
import type { Progress } from "./engine.ts";
import { fabricFiles } from "./fabric-files.ts";
import { type Fetched, fetchPackages } from "./fetch-packages.ts";
import { labPackages } from "./recipe.ts";
import { STORING, storing } from "./stored-packages.ts";
import { DEFAULT_SUITE, ROLLING, type Suite } from "./suites.ts";
import { ensureTools, type Tools, which } from "./tools.ts";

/** One that was made ahead and not used is made again after this long: Debian moves on. Milliseconds. */
const FRESH_MS = 3_600_000;

/**
 * What Debian's own `-slim` images leave out, and how they speed dpkg and apt up: so the two kinds of base are alike. A build that is cut
 * off is thrown away, whatever had reached the disk.
 */
const EXCLUDED = ["doc", "info", "lintian/overrides", "locale", "man"].map((folder) => `/usr/share/${folder}/*`);
const INCLUDED = ["/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias"];
const DPKG_OPTIONS = [
  "force-unsafe-io",
  ...EXCLUDED.map((path) => `path-exclude=${path}`),
  ...INCLUDED.map((path) => `path-include=${path}`),
];
/** The first packages are not unpacked by dpkg; mmdebstrap would start a Python for each to leave these out. */
const HOOKS = [
  ...STORING,
  `--setup-hook=mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && printf '%s\\n' '${DPKG_OPTIONS.join("' '")}' > "$1/etc/dpkg/dpkg.cfg.d/slim"`,
  `--extract-hook=cd "$1/usr/share" && rm -rf info lintian/overrides man/* locale/*/ && find doc -type f ! -name copyright -delete`,
  // No image has keys of its own: openssh-server makes none where some are.
  `--extract-hook=mkdir -p "$1/etc/ssh" && cd "$1/etc/ssh" && touch ssh_host_rsa_key ssh_host_ecdsa_key ssh_host_ed25519_key`,
  '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*',
];
const APT_OPTIONS = ['Acquire::Languages "none";', 'Acquire::GzipIndexes "true";'];

/** Of this machine's memory: a base in the making takes 0.4, and dpkg waits for a disk after each of its steps. GiB. */
const ENOUGH_MEMORY = 2;
const IN_MEMORY = ["sh", "-c", 'mount -t tmpfs none "$TMPDIR"; exec "$@"', "in-memory"];

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
  const scratch = join(cache.scratch, suite);
  try {
    rmSync(scratch, { recursive: true, force: true }); // of a build that was killed
    const [made, fetching, temporary] = ["base.tar", "fetched", "tmp"].map((name) => join(scratch, name)) as [string, string, string];
    for (const folder of [fetching, temporary]) mkdirSync(folder, { recursive: true });
    const tools = await bootstrapTools(cache, progress);
    const plan = await planOf(suite, tools.root);
    const fetched = await fetchPackages(fetching, { ...plan, packages: [...plan.packages, ...plan.further] });
    const { code, output } = await run(bootstrapCommand(plan, made, fetched), {
      env: { ...tools.env, ...storing(temporary), TMPDIR: temporary },
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

/** The system's own where it has them, else unpacked for us. */
async function bootstrapTools(cache: Cache, progress: Progress): Promise<Tools> {
  const there = existsSync("/usr/bin/mmdebstrap") && existsSync("/usr/share/keyrings/debian-archive-keyring.gpg");
  return there ? { root: "/", env: process.env } : ensureTools(cache, "mmdebstrap", ["mmdebstrap", "debian-archive-keyring"], progress);
}

interface Plan {
  suite: Suite;
  program: string;
  /** apt's lines for the mirror; none on a machine that is not Debian's: mmdebstrap has its own. */
  sources: string[];
  /** Lines of apt.conf(5). */
  options: string[];
  /** To be installed. */
  packages: string[];
  /** To be there for the fabric. */
  further: string[];
}

async function planOf(suite: Suite, root: string): Promise<Plan> {
  const mirror = machineMirror();
  const own = join(root, "usr/bin/mmdebstrap");
  const keyrings = join(root, "usr/share/keyrings");
  const ownKeyrings = root !== "/" && existsSync(keyrings);
  const { host, fabric } = labPackages();
  const main = mirror ? [`deb ${mirror.main} ${suite} main`] : [];
  const security = mirror?.security && !ROLLING.includes(suite) ? [`deb ${mirror.security} ${suite}-security main`] : [];
  return {
    suite,
    program: existsSync(own) ? own : "/usr/bin/mmdebstrap",
    sources: [...main, ...security],
    options: [...(await machineAptOptions()), ...(ownKeyrings ? [`Dir::Etc::trustedparts "${keyrings}";`] : [])],
    packages: ["?essential", "apt", ...(needsCertificates(mirror) ? ["ca-certificates"] : []), ...host],
    further: suite === DEFAULT_SUITE ? fabric : [],
  };
}

/** mmdebstrap in a mount and process namespace of its own: when it is killed, its processes and mounts go with it. */
function bootstrapCommand(
  { suite, program, sources, options, packages, further }: Plan,
  archive: string,
  fetched: Fetched | undefined,
): string[] {
  // `run` puts `setpriv --pdeathsig KILL` before it; unshare hands the kill on.
  const command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"];
  if (process.availableMemory() >= ENOUGH_MEMORY * 2 ** 30) command.push(...IN_MEMORY);
  // The package lists stay, for the images that are built on it: see containers/Dockerfile.
  command.push("perl", program, "--mode=root", "--variant=custom", "--format=tar", "--skip=cleanup/apt/lists");
  // An excerpt has nothing of what is to be left out (`NAME-`), not even its name.
  const included = fetched ? packages.filter((name) => !name.endsWith("-")) : packages;
  command.push(...included.map((name) => `--include=${name}`));
  for (const option of [...APT_OPTIONS, ...options]) command.push(`--aptopt=${option}`);
  command.push(...HOOKS, ...(fetched ? hooksFor(fetched, further.length > 0) : []));
  return [...command, suite, archive, ...sources];
}

function hooksFor({ lists, excerpts, packages }: Fetched, fabricToo: boolean): string[] {
  return [
    "--skip=update,download/empty",
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives" "$1/var/lib/apt/lists" && cp '${packages}'/*.deb "$1/var/cache/apt/archives/"`,
    `--setup-hook=cp '${excerpts}'/* "$1/var/lib/apt/lists/"`,
    `--customize-hook=rm "$1"/var/lib/apt/lists/*_Packages && cp '${lists}'/*_Packages.gz "$1/var/lib/apt/lists/"`,
    ...(fabricToo ? [`--customize-hook=${fabricFiles(packages)}`] : []),
  ];
}
