/** A Debian of some suite in a folder, whose engines run beside the machine's own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";

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

/** Made once, in about 45 s. */
export async function debianRoot(cache: string, suite: string, packages: readonly string[]): Promise<DebianRoot> {
  const folder = join(cache, suite);
  const shared = join(cache, "shared");
  mkdirSync(shared, { recursive: true });
  chmodSync(shared, 0o1777);
  if (!existsSync(folder)) {
    const making = `${folder}.making`;
    await $`rm -rf ${making}`;
    // A mirror that stands still for a while is good enough here.
    const stale = 'Acquire::Check-Valid-Until "false"';
    await $({
      quiet: true,
    })`mmdebstrap --variant=apt --aptopt=${stale} --include=${packages.join(",")} ${suite} ${making} http://deb.debian.org/debian`;
    configure(making);
    renameSync(making, folder);
  }
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

/** A program of the root that goes on until it is disposed. */
export class Daemon implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly log: string;

  constructor(root: DebianRoot, argv: readonly string[], log: string) {
    const [program = "", ...args] = [...enter(root), ...argv];
    this.log = log;
    const out = openSync(log, "w");
    this.#child = spawn(program, args, { stdio: ["ignore", out, out] });
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const over = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
    await over;
    clearTimeout(late);
  }
}
