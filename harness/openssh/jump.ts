/**
 * Jump hosts: what -J asks for, and the config by which ssh finds its way through the lab's.
 * Source: ssh(1) -J; ssh_config(5) ProxyJump; OpenSSH `readconf.c` `parse_jump`, `ssh.c` `main`.
 */
import { type RefusedPort, refusedPort } from "./refused-port.ts";
import { portOf } from "./services.ts";

/** One host of -J, as typed. */
export interface JumpHop {
  /** Host part. */
  name: string;
  /** What an ssh_config makes of the name (HostName). */
  hostName?: string;
  account?: string;
  port?: number;
}

/** The way of an ssh to its server. */
export interface JumpLine {
  hops: readonly JumpHop[];
  /** As typed: the last hop's sshd is asked for this name, and its PermitOpen compares it letter by letter. */
  destination: string;
}

/** Names of hosts and accounts alone: ssh hands them on to a shell. */
const hop = /^(?:ssh:\/\/)?(?:([\w.-]+)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z\d][\w.-]*)(?::(\d+))?$/;

/** The port for which ssh refuses an argument of -J whose form is right. */
export function refusedJumpPort(value: string): RefusedPort | undefined {
  const ports = value.split(",").flatMap((part) => hop.exec(part)?.[3] ?? []);
  return ports.map((port) => refusedPort(port, "target")).find((refused) => refused !== undefined);
}

/** The hosts of an argument of -J, or what is wrong with it; none for `none`. */
export function parseJump(value: string): JumpHop[] | string {
  if (value.toLowerCase() === "none") return [];
  const hops: JumpHop[] = [];
  for (const part of value.split(",")) {
    const [, account, host, port] = hop.exec(part) ?? [];
    if (host === undefined || (port !== undefined && portOf(port) <= 0)) return `Invalid -J argument '${value}'`;
    const name = host.replace(/^\[(.*)\]$/, "$1");
    hops.push({ name, ...(account === undefined ? {} : { account }), ...(port === undefined ? {} : { port: portOf(port) }) });
  }
  return hops;
}

/** A hop with all that ssh needs to log in there; paths are those of the client host. */
export interface JumpLogin {
  /** As typed. */
  name: string;
  /** Address to connect to. Left out: the hop before looks up the name. */
  address?: string;
  account: string;
  port: number;
  keyFile: string;
  knownHostsFile: string;
}

/**
 * An ssh_config for `-F`, which ssh hands on to the ssh of each hop: options of the command line it keeps to itself.
 * That one is quiet (LogLevel INFO), so that what it says of its own session is not taken for the forward's.
 */
export function jumpConfig(hops: readonly JumpLogin[], connectTimeoutS: number): string {
  const blocks = hops.flatMap(({ name, address, account, port, keyFile, knownHostsFile }) => [
    `Host ${name}`,
    ...(address === undefined ? [] : [`  HostName ${address}`]),
    `  User ${account}`,
    `  Port ${port}`,
    `  IdentityFile ${keyFile}`,
    `  UserKnownHostsFile ${knownHostsFile}`,
    "  LogLevel INFO",
  ]);
  const all = [
    "Host *",
    "  BatchMode yes",
    "  StrictHostKeyChecking yes",
    "  GlobalKnownHostsFile none",
    "  IdentitiesOnly yes",
    `  ConnectTimeout ${connectTimeoutS}`,
  ];
  return `${[...blocks, ...all].join("\n")}\n`;
}
