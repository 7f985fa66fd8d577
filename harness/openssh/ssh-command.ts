/** The command that opens a forward: what the user typed, and what the lab adds around it. */
import type { ForwardArguments } from "./forward-arguments.ts";

export interface Destination {
  account: string;
  address: string;
  port: number;
  /** Paths on the client host. */
  keyFile: string;
  knownHostsFile: string;
}

/** Seconds for TCP and the banner, unless the user typed another ConnectTimeout. */
const connectTimeoutS = 30;

/**
 * Command line of the real ssh. ssh takes the first value of an option that it meets, so the lab's come first;
 * `-v`, which tells when the forward stands, comes last, because a typed -q would undo it. `-N` is added unless typed: the lab runs no command.
 */
export function sshCommand(given: Pick<ForwardArguments, "argv" | "noCommand" | "serverPort">, to: Destination): string[] {
  return [
    "ssh",
    "-F",
    "none",
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
    "-v",
    `${to.account}@${to.address}`,
  ];
}
