/** The file of a Unix-domain socket. */

/** What stands at the path of a socket: permission bits as `chmod` takes them, and whose it is. */
export interface SocketFile {
  mode: number;
  uid: number;
  gid: number;
  /** Names in the host's own files; a number where there is none. */
  owner: string;
  group: string;
}

/** Mode of a socket's file as `ls -l` shows it: `srw-------`. */
export function formatSocketMode(mode: number): string {
  const triple = (bits: number) => ["r", "w", "x"].map((letter, at) => (bits & (4 >> at) ? letter : "-")).join("");
  return `s${[6, 3, 0].map((shift) => triple(mode >> shift)).join("")}`;
}

/** `srw------- alice:alice`. */
export function formatSocketFile({ mode, owner, group }: Pick<SocketFile, "mode" | "owner" | "group">): string {
  return `${formatSocketMode(mode)} ${owner}:${group}`;
}
