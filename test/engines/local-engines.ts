/** Engines of a root that this machine reaches by their socket. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { answering, Daemon } from "./daemon.ts";
import { type DebianRoot, debianRoot, rootless, type Suite } from "./debian-root.ts";
import type { Place } from "./place.ts";
import type { Way } from "./verify.ts";

/** No bridge and no rules: the machine's own network stays as it is. */
export const noNetwork = ["--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"];

export function docker(suite: Suite, more: readonly string[] = []) {
  return async (place: Place, stack: AsyncDisposableStack): Promise<Way> => {
    const root = await debianRoot(place, suite);
    await startDocker(root, suite, more, stack);
    return { env: { DOCKER_HOST: `unix://${root.shared}/${suite}.sock` } };
  };
}

export async function startDocker(root: DebianRoot, suite: Suite, more: readonly string[], stack: AsyncDisposableStack): Promise<void> {
  const argv = ["dockerd", "--host", `unix:///shared/${suite}.sock`, "--data-root", "/var/lib/docker", ...noNetwork, ...more];
  await answering(stack.use(new Daemon(root, argv, join(root.shared, `${suite}-docker.log`))), `${root.shared}/${suite}.sock`);
}

export function podman(suite: Suite) {
  return async (place: Place, stack: AsyncDisposableStack): Promise<Way> => {
    const root = await debianRoot(place, suite);
    const socket = `podman-${suite}.sock`;
    const daemon = stack.use(
      new Daemon(root, ["podman", "system", "service", "--time=0", `unix:///shared/${socket}`], join(root.shared, `${suite}-podman.log`)),
    );
    await answering(daemon, `${root.shared}/${socket}`);
    return { env: { DOCKER_HOST: `unix://${root.shared}/${socket}` } };
  };
}

export function rootlessEngine(name: "docker" | "podman") {
  return async (place: Place, stack: AsyncDisposableStack): Promise<Way> => {
    requireUserNamespaces();
    const root = await debianRoot(place, "trixie");
    const socket = `${name}-rootless.sock`;
    rmSync(join(root.shared, socket), { force: true });
    const argv = rootlessCommand[name](`unix:///shared/${socket}`);
    const daemon = stack.use(new Daemon(root, rootless(argv), join(root.shared, `${name}-rootless.log`)));
    await answering(daemon, `${root.shared}/${socket}`);
    return { env: { DOCKER_HOST: `unix://${root.shared}/${socket}` } };
  };
}

const rootlessCommand = {
  /** As its own script, dockerd-rootless.sh, does; that one insists on a bridge. */
  docker: (socket: string) => [
    ...["rootlesskit", "--net=slirp4netns", "--mtu=65520", "--disable-host-loopback", "--state-dir=/run/user/1000/rootlesskit"],
    ...["--copy-up=/etc", "--copy-up=/run", "--propagation=rslave"],
    ...["dockerd", "--rootless", "--host", socket, "--data-root", "/home/lab/docker"],
    ...["--exec-root", "/run/user/1000/docker", "--pidfile", "/run/user/1000/docker.pid", ...noNetwork],
  ],
  podman: (socket: string) => ["podman", "system", "service", "--time=0", socket],
};

/** Switches that a kernel may have, of which any may forbid them. */
const switches = [
  ["/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"],
  ["/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"],
  ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"],
] as const;

function requireUserNamespaces(): void {
  for (const [file, off, todo] of switches) {
    if (read(file) === off) throw new Error(`accounts may not make user namespaces (${file} is ${off}); as root: \`${todo}\``);
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
