/** On which of its host's addresses something listens. */

/** `some`: on single addresses that other hosts may reach. */
export type Binding = "loopback" | "everywhere" | "some";

/** @param sockets `address:port`, IPv6 in brackets */
export function bindingOf(sockets: readonly string[]): Binding {
  if (sockets.length > 0 && sockets.every(isLoopback)) return "loopback";
  return sockets.some((socket) => socket.startsWith("0.0.0.0:")) && sockets.some((socket) => socket.startsWith("[::]:"))
    ? "everywhere"
    : "some";
}

export function isLoopback(socket: string): boolean {
  return socket.startsWith("127.") || socket.startsWith("[::1]");
}

/** Of a host. */
export interface Ports {
  ports: readonly string[];
  binding: Binding;
}
