/** The command that opens a forward: what the user typed, and what the lab adds around it. */
import type { ForwardArguments } from "./forward-arguments.ts";

export interface Destination {
  account: string;
  address: string;
  port: number;
  /** Paths on the client host. */
  keyFile: string;
  knownHostsFile: string;
  /** ssh's config, which tells the way through jump hosts (see `jumpConfig`). Left out: none. */
  configFile?: string;
}

/** Seconds for TCP and the banner, unless the user typed another ConnectTimeout. */
export const connectTimeoutS = 30;

/**
 * Command line of the real ssh. ssh takes the first value of an option that it meets, so the lab's come first;
 * `-v`, which tells when the forward stands, comes last, because a typed -q would undo it. `-N` is added unless typed: the lab runs no command.
 * Through jump hosts it is `LogLevel` in its place: `-v` is handed on to the ssh of each hop, which would tell of a session of its own.
 */
export function sshCommand(given: Pick<ForwardArguments, "argv" | "noCommand" | "serverPort">, to: Destination): string[] {
  return [
    "ssh",
    "-F",
    to.configFile ?? "none",
    "-o",
    "BatchMode=yes",
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    `UserKnownHostsFile=${to.knownHostsFile}`,
    "-o",
    "GlobalKnownHostsFile=none",
    "-o",
    "IdentitiesOnly=yes",
    "-i",
    to.keyFile,
    ...(given.serverPort === undefined ? ["-p", String(to.port)] : []),
    ...given.argv,
    ...(given.noCommand ? [] : ["-N"]),
    "-o",
    `ConnectTimeout=${connectTimeoutS}`,
    ...(to.configFile === undefined ? ["-v"] : ["-o", "LogLevel=DEBUG1"]),
    `${to.account}@${to.address}`,
  ];
}
