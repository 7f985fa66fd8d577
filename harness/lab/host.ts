/** What can be done with a running host of the lab. Knows networks and processes, not SSH. */
import type { Duplex } from "node:stream";
import type { Family } from "../core/address.ts";
import type { SocketFile } from "../core/socket-file.ts";

export interface RunOptions {
  /** Written to standard input, which is then closed. Default: none, the program reads /dev/null. */
  input?: string;
  /** Added to a small fixed environment (PATH, HOME, LANG=C.UTF-8). */
  env?: Record<string, string>;
  /** Account name or numeric uid in the host. Default: root. */
  user?: string;
  cwd?: string;
  /** Control group, one of `makeCgroups`. Default: the lab's own, to which no rule's path leads. */
  cgroup?: string;
  /** Milliseconds until the process is killed and the call rejects. Default 30,000. */
  timeoutMs?: number;
}

export interface RunResult {
  /** Exit status; null when a signal ended the process. */
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** A process that goes on while the scenario does other things. Disposing it kills it and everything it started. */
export interface HostProcess extends AsyncDisposable {
  /** All that was printed so far (standard output and standard error interleaved as they arrived, split into lines). */
  readonly lines: readonly { stream: "stdout" | "stderr"; text: string }[];
  /** The same without the streams: a log, which may grow to many thousand lines. */
  readonly log: readonly string[];
  /** Resolves with the first value that `match` returns for a line (past lines are offered first); rejects when the process ends before. */
  waitForLine<T>(match: (text: string) => T | undefined): Promise<T>;
  /** Calls back after each line that comes from now on, also those of a child that outlives the process (`ssh -f`); returns what ends that. */
  onLine(listener: () => void): () => void;
  /** Resolves once the process first started has ended. (`ssh -f` ends while its child goes on.) Rejects with `FabricError` when the lab ends before. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** Sends a signal to the process and to all its descendants, including those that left its process group. */
  kill(signal?: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGSTOP" | "SIGCONT" | "SIGINT" | "SIGUSR1"): Promise<void>;
}

/** A listening TCP socket as the host's kernel reports it. A dual-stack one is reported as `::`. */
export interface Listener {
  address: string;
  port: number;
  family: Family;
  /** Number of the socket. */
  inode: number;
  /** Name and pids of the processes that hold it, e.g. "sshd". */
  process: string;
  pids: number[];
}

/** A Unix-domain socket that listens on a path, as the host's kernel reports it (/proc/net/unix). */
export interface UnixListener {
  /** As it was bound. */
  path: string;
  /** Number of the socket, not of its file. */
  inode: number;
  /** Undefined: no socket's file is there any more. */
  file?: SocketFile;
  /** Name and pids of the processes that hold it, e.g. "sshd". */
  process: string;
  pids: number[];
}

export interface HostFile {
  content: string | Uint8Array;
  /** Octal number, e.g. 0o600. Default 0o644. Folders that are missing are made 0o755, owned by root. */
  mode?: number;
  uid?: number;
  gid?: number;
}

/** A folder of a host. A missing one is made, mode 0755; missing parents belong to root. Anything else at such a path stays. */
export interface HostFolder {
  path: string;
  uid: number;
  gid: number;
  /** If it exists, it keeps its owner. */
  keep: boolean;
}

export interface AroundFiles {
  /** Files and whole folders that are removed first; a missing one is no error. */
  insteadOf?: readonly string[];
  /** Then these are there. */
  folders?: readonly HostFolder[];
}

/** A host of the running lab: a container, or a network namespace with the fabric's tools. */
export interface Host {
  readonly name: string;
  readonly kind: "container" | "namespace";
  /** Addresses without prefix length, in the order of the spec. */
  readonly addresses: readonly { address: string; family: Family; interface: string }[];
  /** Runs to the end. A non-zero exit status is a result, not an exception. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts and returns at once. */
  spawn(argv: readonly string[], options?: Omit<RunOptions, "timeoutMs">): Promise<HostProcess>;
  /** Writes files, absolute paths, and does what belongs to it, all in one round trip. */
  writeFiles(files: Record<string, HostFile>, around?: AroundFiles): Promise<void>;
  /** Undefined when the file does not exist. */
  readFile(path: string): Promise<string | undefined>;
  /** Removes files or whole folders; a missing one is no error. */
  remove(paths: readonly string[]): Promise<void>;
  /**
   * Makes control groups (cgroup v2), absolute paths; rules that match them may then be loaded.
   * @param made.accounts in which one a probe as that account runs
   * @param made.rest in which one everything else of the lab's runs on the host
   * @param made.shown the host's own processes see them below /run/forwardlab-cgroup
   * @throws FabricError `cgroup` if the engine or its kernel has none that rules could match
   */
  makeCgroups(made: { groups: readonly string[]; accounts: Readonly<Record<string, string>>; rest: string; shown: boolean }): Promise<void>;
  /** Those of these absolute paths that are not programs. */
  missingPrograms(paths: readonly string[]): Promise<string[]>;
  listeners(): Promise<Listener[]>;
  /** Unix-domain sockets that listen on an absolute path. */
  unixListeners(): Promise<UnixListener[]>;
  /** Waits until none of these sockets listens any more; false when one still does after so many milliseconds. */
  listenersGone(inodes: readonly number[], timeoutMs: number): Promise<boolean>;
  /** A TCP connection from this host's namespace, as a stream (for ssh2). */
  dial(address: string, port: number): Promise<Duplex>;
}
