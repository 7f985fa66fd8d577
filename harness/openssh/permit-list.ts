/** PermitListen and PermitOpen, and the key options of the same names, as sshd compares them. */
import { matchPattern } from "./patterns.ts";

/** The port by which sshd compares a Unix socket's path: PORT_STREAMLOCAL in OpenSSH's `channels.h`. No number in a list equals it. */
export const streamLocalPort = -2;

/**
 * Does a list of `[host:]port` patterns let sshd listen? The request's string is compared before GatewayPorts changes it:
 * `localhost` is not `127.0.0.1`, and the empty address is a value of its own. Port 0 needs `*`.
 * Source: OpenSSH `channels.c` `remote_open_match`.
 */
export function permitsListening(entries: readonly string[], bindAddress: string, port: number): boolean {
  if (entries.length === 0 || entries.includes("any")) return true;
  return entries.some((entry) => {
    if (entry === "none") return false;
    const { host, port: wanted } = hostAndPort(entry, "*");
    return (wanted === "*" || Number(wanted) === port) && matchPattern(bindAddress.toLowerCase(), host);
  });
}

/**
 * Does a list of `host:port` let sshd dial what a visitor of -L or -D asks for? The host string is compared as it stands: no DNS, no patterns,
 * upper and lower case differ; `*` alone is special. Source: OpenSSH `channels.c` `open_match` (strcmp), `servconf.c` `process_permitopen_list`.
 */
export function permitsOpening(entries: readonly string[], target: { host: string; port: number }): boolean {
  if (entries.length === 0 || entries.includes("any")) return true;
  return entries.some((entry) => {
    const { host, port } = hostAndPort(entry, "");
    return host !== "" && (host === "*" || host === target.host) && (port === "*" || Number(port) === target.port);
  });
}

/** Brackets are stripped. */
export function hostAndPort(entry: string, hostByDefault: string): { host: string; port: string } {
  const colon = entry.lastIndexOf(":");
  return colon < 0
    ? { host: hostByDefault, port: entry }
    : { host: entry.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: entry.slice(colon + 1) };
}
