/** PermitOpen and `permitopen`, as sshd compares them with the target of -L and -D. */

/**
 * The requested host string is compared as it stands: no DNS, no patterns, upper and lower case differ; `*` alone is special.
 * Source: OpenSSH `channels.c` `open_match` (strcmp), `servconf.c` `process_permitopen_list`.
 */
export function permitsOpening(entries: readonly string[], target: { host: string; port: number }): boolean {
  if (entries.length === 0 || entries.includes("any")) return true;
  return entries.some((entry) => {
    if (entry === "none") return false;
    const colon = entry.lastIndexOf(":");
    const host = entry.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    const port = entry.slice(colon + 1);
    return colon > 0 && (host === "*" || host === target.host) && (port === "*" || Number(port) === target.port);
  });
}
