/** What this machine needs for any row. */
import { statfsSync } from "node:fs";
import { which } from "../../harness/engine/tools.ts";

const programs = {
  mmdebstrap: "mmdebstrap",
  unshare: "util-linux",
  setpriv: "util-linux",
  curl: "curl",
  openssl: "openssl",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
};

/** Measured: 5 GiB with everything. */
const neededGib = 6;

/** Why nothing can run here and what to do; undefined when it can. */
export function obstacle(folder: string): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs Linux and root: it starts engines in folders of their own";
  const missing = Object.entries(programs).filter(([program]) => !which(program, process.env));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
    return `it needs ${missing.map(([program]) => program).join(", ")}: \`apt-get install ${packages}\``;
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / 2 ** 30;
  if (free >= neededGib) return undefined;
  return `it needs ${neededGib} GiB of disk, and ${folder} has ${free.toFixed(1)}: free some, or name another folder with --cache`;
}
