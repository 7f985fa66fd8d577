/** A Debian of some suite in a folder, whose engines run beside the machine's own. */
import { appendFileSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Place } from "./place.ts";

$.verbose = false;
export const repository = join(import.meta.dirname, "../..");

export interface DebianRoot {
  folder: string;
  /** Is `/shared` inside. */
  shared: string;
}

/** Who runs the rootless engines. */
const ordinary = { name: "lab", id: 1000, home: "/home/lab" };

/** Words before a command of the root, to run it as an ordinary account with a runtime folder. */
export function rootless(argv: readonly string[]): string[] {
  const { name, id, home } = ordinary;
  const runtime = `/run/user/${id}`;
  const script = `mkdir -p ${runtime} && chown ${id}:${id} ${runtime} && exec setpriv --reuid ${id} --regid ${id} --clear-groups env -i PATH="$PATH" HOME=${home} USER=${name} XDG_RUNTIME_DIR=${runtime} "$@"`;
  return ["sh", "-c", script, "rootless", ...argv];
}

/** In a new mount namespace; the kernel ends it with this process. */
export const enter = (root: DebianRoot) => [
  "setpriv",
  "--pdeathsig",
  "KILL",
  "unshare",
  "--mount",
  "--propagation",
  "private",
  "sh",
  join(import.meta.dirname, "enter.sh"),
  root.folder,
  root.shared,
  repository,
];

const both = [
  "docker.io",
  "podman",
  "runc",
  "catatonit",
  "iptables",
  "nftables",
  "ca-certificates",
  "uidmap",
  "fuse-overlayfs",
  "slirp4netns",
  "rootlesskit",
  "iproute2",
];
const packages = {
  bookworm: both,
  trixie: [...both, "docker-cli", "openssh-server"],
  sid: ["docker.io", "runc", "mount", "iptables", "nftables", "ca-certificates"],
};
export type Suite = keyof typeof packages;

/** Made in about 45 s, unless it is there. */
export async function debianRoot({ folder: below, shared }: Place, suite: Suite): Promise<DebianRoot> {
  const folder = join(below, suite);
  const list = packages[suite].join(",");
  const noted = `${folder}.packages`;
  if (existsSync(folder) && existsSync(noted) && readFileSync(noted, "utf8") === list) return { folder, shared };
  const making = `${folder}.making`;
  await $`rm -rf ${folder} ${making}`;
  // A mirror that stands still for a while is good enough here.
  const stale = 'Acquire::Check-Valid-Until "false"';
  await $`mmdebstrap --variant=apt --aptopt=${stale} --include=${list} ${suite} ${making} http://deb.debian.org/debian`.quiet();
  configure(making);
  renameSync(making, folder);
  writeFileSync(noted, list);
  return { folder, shared };
}

/** Podman's own limits are higher than a machine may allow, and its crun takes no machine with both versions of cgroups. */
function configure(folder: string): void {
  mkdirSync(join(folder, "etc/containers"), { recursive: true });
  writeFileSync(
    join(folder, "etc/containers/containers.conf"),
    '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n',
  );
  appendFileSync(join(folder, "etc/subuid"), "dockremap:100000:65536\n");
  appendFileSync(join(folder, "etc/passwd"), "dockremap:x:990:990::/nonexistent:/usr/sbin/nologin\n");
  appendFileSync(join(folder, "etc/group"), "dockremap:x:990:\n");
  appendFileSync(join(folder, "etc/subgid"), "dockremap:100000:65536\n");
  const { name, id, home } = ordinary;
  appendFileSync(join(folder, "etc/passwd"), `${name}:x:${id}:${id}::${home}:/bin/sh\n`);
  appendFileSync(join(folder, "etc/group"), `${name}:x:${id}:\n`);
  for (const file of ["etc/subuid", "etc/subgid"]) appendFileSync(join(folder, file), `${name}:200000:65536\n`);
  mkdirSync(join(folder, home));
  chownSync(join(folder, home), id, id);
}
