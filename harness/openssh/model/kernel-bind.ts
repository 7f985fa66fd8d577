/** bind(2) and listen(2) as Linux answers them to OpenSSH, which sets SO_REUSEADDR, and IPV6_V6ONLY on IPv6. */
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import type { HostFacts, TakenSocket } from "./model-input.ts";
import type { Resolved } from "./resolve.ts";

export type BindError = "not-local" | "privileged" | "taken" | "invalid";

/** Why the socket does not stand; undefined when it does. Linux checks in this order: `net/ipv4/af_inet.c` `__inet_bind`, `net/ipv6/af_inet6.c` `__inet6_bind`. */
export function bindError(host: HostFacts, socket: Resolved, port: number, root: boolean): BindError | undefined {
  const address = addressError(host, socket);
  if (address) return address;
  if (port !== 0 && !root && port < (host.unprivilegedPortStart ?? 1024)) return "privileged";
  return port !== 0 && (host.taken ?? []).some((held) => conflicts(held, socket, port)) ? "taken" : undefined;
}

function addressError(host: HostFacts, { address, family }: Resolved): BindError | undefined {
  if (address === "0.0.0.0" || address === "::") return undefined;
  if (family === 4) {
    // Multicast and broadcast can be bound (RTN_MULTICAST, RTN_BROADCAST), though nobody can connect to them.
    const bindable = inNetwork(address, "127.0.0.0/8") || inNetwork(address, "224.0.0.0/4") || address === "255.255.255.255";
    return bindable || isOwn(host, address) ? undefined : "not-local";
  }
  // A V6ONLY socket takes no mapped address, a stream socket no multicast, a link-local one needs its interface.
  if (address.startsWith("::ffff:") || inNetwork(address, "ff00::/8") || inNetwork(address, "fe80::/10")) return "invalid";
  if (host.ipv6 === false) return "not-local";
  return address === "::1" || isOwn(host, address) ? undefined : "not-local";
}

/** With SO_REUSEADDR two listeners still exclude each other on one port when their addresses are equal or one is the wildcard. */
function conflicts(held: TakenSocket, socket: Resolved, port: number): boolean {
  if (held.port !== port) return false;
  const heldFamily = held.address.includes(":") ? 6 : 4;
  if (heldFamily !== socket.family) return held.dualStack === true && heldFamily === 6;
  const wildcard = socket.family === 4 ? "0.0.0.0" : "::";
  return held.address === socket.address || held.address === wildcard || socket.address === wildcard;
}

function isOwn(host: HostFacts, address: string): boolean {
  return host.addresses.some((own) => parseAddress(own)?.text === address);
}

function inNetwork(address: string, network: string): boolean {
  const parsed = parseAddress(address);
  const net = parseInterface(network);
  return parsed !== undefined && net !== undefined && contains(net, parsed);
}
