/** Where the command is not root on the engine's machine: an ordinary account, and jobs in containers. */
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import { type DebianRoot, debianRoot, enter, repository } from "./debian-root.ts";
import { docker, noNetwork } from "./local-engines.ts";
import type { Place } from "./place.ts";
import { forwardlab, verify, type Way } from "./verify.ts";

/** Not root, but in the group that may use the socket. Images are there: to build them without a registry takes root. */
export async function ordinaryAccount(place: Place, stack: AsyncDisposableStack): Promise<Way> {
  const { env } = await docker("trixie")(place, stack);
  await verify({ env }, place);
  const group = statSync((env.DOCKER_HOST ?? "").replace("unix://", "")).gid;
  const home = mkdtempSync(join(place.shared, "home-"));
  chmodSync(home, 0o777);
  const nobody = 65_534;
  return {
    env: { ...env, HOME: home, FORWARDLAB_CACHE: join(home, "cache") },
    as: ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, `--groups=${group}`],
  };
}

const jobImage = "forwardlab-engines:job";

/** A private engine with the images of a lab, and one whose containers are this engine's own root. */
async function engineForJobs(place: Place, stack: AsyncDisposableStack): Promise<{ root: DebianRoot; way: Way }> {
  const way = await docker("trixie")(place, stack);
  const root = await debianRoot(place, "trixie");
  await verify(way, place);
  const left = ["./var/lib/docker", "./home/lab", "./.old", "./shared", "./repository", "./proc", "./sys", "./dev"];
  await $`tar -C ${root.folder} ${left.map((path) => `--exclude=${path}`)} -c . | ${client(root)} import - ${jobImage}`;
  stack.defer(async () => void (await $({ nothrow: true })`${client(root)} rmi ${jobImage}`));
  return { root, way };
}

/** The command of docker, in the engine's own root. */
const client = (root: DebianRoot) => [...enter(root), "docker", "-H", "unix:///shared/trixie.sock"];

/** The command runs in a container, in which the checkout and the shared folder are where they are in the engine's root. */
function job(root: DebianRoot, options: readonly string[]): Way {
  const folders = ["/shared:/shared", "/repository:/repository"].flatMap((folder) => ["-v", folder]);
  const path = (file: string) => file.replace(repository, "/repository").replace(root.shared, "/shared");
  return { env: {}, as: [...client(root), "run", "--rm", "--network=host", ...folders, ...options, jobImage], path };
}

export async function socketInContainer(place: Place, stack: AsyncDisposableStack): Promise<Way> {
  const { root } = await engineForJobs(place, stack);
  return job(root, ["-v", "/shared/trixie.sock:/var/run/docker.sock"]);
}

/** As CI systems do it: the engine in a privileged container, and the job in one beside it. */
export async function dockerInDocker(place: Place, stack: AsyncDisposableStack): Promise<Way> {
  const { root, way } = await engineForJobs(place, stack);
  const images = join(root.shared, "images.cache");
  const [address, name] = ["tcp://127.0.0.1:23751", "forwardlab-engines-dind"];
  await $({ nothrow: true })`${client(root)} rm -f ${name}`;
  const engine = ["dockerd", "--host", address, "--tls=false", "--data-root", "/shared/dind", ...noNetwork];
  await $`${client(root)} run -d --name ${name} --privileged --network=host -v /shared:/shared ${jobImage} ${engine}`;
  stack.defer(async () => {
    await $({ nothrow: true })`${client(root)} rm -f ${name}`;
    rmSync(join(root.shared, "dind"), { recursive: true, force: true });
  });
  await forwardlab(way, place, ["cache", "export", images]);
  // It waits for the engine, which takes its time over plain TCP.
  await forwardlab({ env: { DOCKER_HOST: address } }, place, ["cache", "import", images]);
  return job(root, ["-e", `DOCKER_HOST=${address}`]);
}
