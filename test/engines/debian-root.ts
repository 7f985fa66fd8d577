/** A Debian of some suite in a folder, whose engines run beside the machine's own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";

$.verbose = false;

export interface DebianRoot {
  folder: string;
  /** Is `/shared` inside. */
  shared: string;
}

/** In a new mount namespace; the kernel ends it with this process. */
const enter = (root: DebianRoot) => [
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
];

/** Made once, in about 45 s. */
export async function debianRoot(cache: string, suite: string, packages: readonly string[]): Promise<DebianRoot> {
  const folder = join(cache, suite);
  const shared = join(cache, "shared");
  mkdirSync(shared, { recursive: true });
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
