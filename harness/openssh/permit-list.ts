/** PermitListen and permitlisten, as sshd compares them. Used to tell which of the two refused; sshd itself decides. */
import { matchPattern } from "./patterns.ts";

/**
 * Does a list of `[host:]port` patterns let sshd listen? The request's string is compared before GatewayPorts changes it:
 * `localhost` is not `127.0.0.1`, and the empty address is a value of its own. Port 0 needs `*`.
 * Source: OpenSSH `channels.c` `remote_open_match`.
 */
export function permitsListening(entries: readonly string[], bindAddress: string, port: number): boolean {
  if (entries.length === 0 || entries.includes("any")) return true;
  return entries.some((entry) => {
    if (entry === "none") return false;
    const colon = entry.lastIndexOf(":");
    const wantedPort = entry.slice(colon + 1);
    const host = colon < 0 ? "*" : entry.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    return (wantedPort === "*" || Number(wantedPort) === port) && matchPattern(bindAddress.toLowerCase(), host);
  });
}
