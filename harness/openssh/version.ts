/** OpenSSH's version, as its programs print it. */

export interface OpenSshVersion {
  /** e.g. `OpenSSH_10.0p2 Debian-7`. */
  text: string;
  major: number;
  minor: number;
}

/**
 * Finds `OpenSSH_X.Y…` in what `sshd -V` printed, maybe followed by `ssh -V`. Old sshd (8.4) prints it with the usage, as an error; 9.2 leaves
 * the patch level out, which a client of the same version then tells. Undefined when there is none.
 */
export function parseOpenSshVersion(output: string): OpenSshVersion | undefined {
  const found = [...output.matchAll(/OpenSSH_(\d+)\.(\d+)[^\s,]*(?: [^\s,]+)?/g)];
  const [first] = found;
  if (!first) return undefined;
  const texts = found.map((each) => each[0]).filter((text) => text.startsWith(`OpenSSH_${first[1]}.${first[2]}`));
  const text = texts.reduce((longest, each) => (each.length > longest.length ? each : longest));
  return { text, major: Number(first[1]), minor: Number(first[2]) };
}

/** True when `version` is at least `major.minor`. */
export function atLeast(version: OpenSshVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
