/** OpenSSH's version, as its programs print it. */

export interface OpenSshVersion {
  /** e.g. `OpenSSH_10.0p2 Debian-7`. */
  text: string;
  major: number;
  minor: number;
}

/** Finds `OpenSSH_X.Y…` in what `sshd -V` or `ssh -V` printed (old sshd prints it with the usage, as an error). Undefined when there is none. */
export function parseOpenSshVersion(output: string): OpenSshVersion | undefined {
  const parts = /OpenSSH_(\d+)\.(\d+)[^\s,]*(?: [^\s,]+)?/.exec(output);
  return parts ? { text: parts[0], major: Number(parts[1]), minor: Number(parts[2]) } : undefined;
}

/** True when `version` is at least `major.minor`. */
export function atLeast(version: OpenSshVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
