/** The base image of a suite: Debian's own from a registry, or one made from Debian's packages. */
import { createReadStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { machineAptOptions, machineMirror } from "./apt.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { run, toolError } from "./command.ts";
import type { Engine, Progress } from "./engine.ts";
import { pull } from "./pull.ts";
import { readStream } from "./stream.ts";
import { ROLLING, type Suite } from "./suites.ts";
import { ensureTools, which } from "./tools.ts";

/** What a base may be called, the preferred one first. */
export function baseNames(suite: Suite): [registry: string, own: string] {
  return [`debian:${suite}-slim`, `forwardlab-base:${suite}`];
}

/**
 * Makes a base for the suite available. Call it under the cache's lock and when neither of `baseNames` is there.
 * @returns the name of the one that is there now
 * @throws UserError `image.no-base`, `image.base-build`, `engine.packages`, `engine.disk-full`
 */
export async function obtainBase(engine: Engine, suite: Suite, progress: Progress): Promise<string> {
  const [registry, own] = baseNames(suite);
  const refused = await pull(engine, registry, progress);
  if (refused === undefined) return registry;

  const obstacle = buildObstacle();
  if (obstacle) {
    throw new UserError("image.no-base", `there is no base image for Debian ${suite}`, {
      found: `${registry} cannot be pulled (${refused}), and it cannot be built from Debian packages: ${obstacle}`,
      todo: `give the engine access to a registry, or load the image manually: \`docker load\` an archive with ${registry}`,
    });
  }
  progress(`no registry answers: building the base image for Debian ${suite} from Debian packages`);
  await build(engine, suite, own, progress);
  return own;
}

function buildObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "that needs Linux and root";
  if (!which("apt-get", process.env)) return "that needs apt-get (Debian or Ubuntu)";
  return undefined;
}

async function build(engine: Engine, suite: Suite, name: string, progress: Progress, cache: Cache = cacheOf()): Promise<void> {
  const tools = await ensureTools(cache, "mmdebstrap", ["mmdebstrap", "debian-archive-keyring"], progress);
  const scratch = join(cache.scratch, suite);
  const archive = join(scratch, "base.tar");
  try {
    rmSync(scratch, { recursive: true, force: true }); // of a build that was killed
    mkdirSync(scratch, { recursive: true });
    const argv = await bootstrapCommand(suite, archive, tools.root);
    const { code, output } = await run(argv, { env: { ...tools.env, TMPDIR: scratch } });
    if (code !== 0) {
      throw toolError(
        "image.base-build",
        `the base image for Debian ${suite} could not be built`,
        output,
        "check that apt on this machine reaches a Debian mirror with this release, or give the engine access to a registry",
      );
    }
    await importArchive(engine, archive, name);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** mmdebstrap in a mount and process namespace of its own: when it is killed, its processes and mounts go with it. */
async function bootstrapCommand(suite: Suite, archive: string, root: string): Promise<string[]> {
  const mirror = machineMirror();
  const own = join(root, "usr/bin/mmdebstrap");
  const keyrings = join(root, "usr/share/keyrings");
  // `run` puts `setpriv --pdeathsig KILL` before it; unshare hands the kill on.
  const command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "perl", existsSync(own) ? own : "/usr/bin/mmdebstrap"];
  command.push("--mode=root", "--variant=apt", "--include=ca-certificates", "--format=tar");
  for (const option of await machineAptOptions()) command.push(`--aptopt=${option}`);
  if (existsSync(keyrings)) command.push(`--keyring=${keyrings}`);
  command.push(suite, archive);
  if (mirror) {
    command.push(`deb ${mirror.main} ${suite} main`);
    if (mirror.security && !ROLLING.includes(suite)) command.push(`deb ${mirror.security} ${suite}-security main`);
  }
  return command;
}

async function importArchive({ docker }: Engine, archive: string, name: string): Promise<void> {
  // The tag in the name: Podman 4 ignores it where it stands by itself.
  const stream = await docker.importImage(createReadStream(archive), { repo: name });
  const { error, output } = await readStream(stream);
  if (!error) return;
  throw toolError("image.base-build", `the base image ${name} could not be imported into the engine`, output, "see the engine's own log");
}
