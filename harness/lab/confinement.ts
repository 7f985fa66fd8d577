/** What the lab's containers may do, and how much they may use: whoever wrote the config that runs in them. */
import type Docker from "dockerode";

/** What root of a host has, in the host's own namespaces. `containers/agent/confinement.py` takes everything else from what runs there. */
export const hostCapabilities = {
  CHOWN: "sshd gives a session its terminal; homes and key files belong to their accounts",
  DAC_OVERRIDE: "sshd reads the keys of every account, and binds sockets in their folders",
  FOWNER: "sshd sets the mode of terminals and sockets that are not its own",
  KILL: "sshd and supervisors end sessions of other accounts",
  SETGID: "a login becomes the account's",
  SETUID: "a login becomes the account's",
  NET_BIND_SERVICE: "sshd on port 22, forwards of root on ports below 1024",
  NET_ADMIN: "`ssh -w` makes a tunnel device; reaches no further than the host's own network namespace",
  SYS_CHROOT: "sshd's own privilege separation, and ChrootDirectory",
  AUDIT_WRITE: "PAM says who logs in",
} as const;

/** What the agent has. The fabric runs nothing that a user wrote: see docs/security.md. */
export const fabricCapabilities = {
  SYS_ADMIN: "makes network namespaces, enters those of the hosts, makes /proc/sys/net writable for itself",
  SYS_CHROOT: "enters the hosts' mount namespaces; hosts have it too",
  SYS_PTRACE: "opens the namespaces of the hosts' processes and tells whose a socket is",
  NET_ADMIN: "links, addresses, routes, firewalls and their traces; hosts have it too",
  NET_RAW: "packet taps, probes that are single packets",
  MKNOD: "gives each host /dev/net/tun",
  SETPCAP: "takes capabilities away from what it starts in a host",
  SETUID: "starts programs as an account; hosts have it too",
  SETGID: "starts programs as an account; hosts have it too",
  KILL: "ends what it started, whichever account it runs as",
  CHOWN: "writes the files of accounts",
  DAC_OVERRIDE: "writes into folders of accounts",
  FOWNER: "sets the modes of their files",
  NET_BIND_SERVICE: "the lab's own services on ports below 1024",
  AUDIT_WRITE: "only to pass it on: hosts have it",
} as const;

/** No program gets rights from a set-uid bit or a file's capabilities. */
export const noNewPrivileges = "no-new-privileges:true";

const mebibyte = 1024 * 1024;

/** All that a lab runs counts towards the fabric's. Limits of single processes (files, their size): `containers/agent/confinement.py`. */
export const limits = {
  PidsLimit: 2048,
  Memory: 2048 * mebibyte,
  MemorySwap: 2048 * mebibyte,
} satisfies Docker.HostConfig;

export function rightsOf(capabilities: Record<string, string>): Pick<Docker.HostConfig, "CapAdd" | "CapDrop"> {
  return { CapDrop: ["ALL"], CapAdd: Object.keys(capabilities) };
}
