/** What happens in the lab that one works in, as marks and ways on its picture. */
import type { LiveAttempt, LiveListener } from "../../core/lesson.ts";
import type { Leg } from "../parts/legs.ts";
import { hostId, type Network, wayBetween } from "../parts/network.ts";
import { bindingOf, type Ports } from "./binding.ts";

/** An attempt as one leg: hosts and routers are told, the LANs between them are the picture's. */
export function legOfAttempt(network: Network, { way, destination, outcome, decidedBy }: LiveAttempt): Leg {
  const ids = way.flatMap((name) => nodeOf(network, name) ?? []);
  const full = ids.slice(0, 1);
  for (const [at, to] of ids.slice(1).entries()) {
    const between = wayBetween(network, ids[at] as string, to);
    full.push(...(between.length > 1 ? between.slice(1) : [to]));
  }
  const stop = (decidedBy && nodeOf(network, decidedBy.at)) ?? full.at(-1);
  return {
    name: "visit",
    from: way[0] ?? "",
    to: way.at(-1) ?? "",
    way: full,
    state: outcome === "connected" ? "passed" : "stopped",
    // What the learner's own ssh sends is encrypted; that anything else listens on this port, nobody would expect.
    encrypted: destination.endsWith(sshPort),
    ...(outcome === "connected" || stop === undefined ? {} : { stoppedAt: stop }),
  };
}

function nodeOf({ nodes }: Network, name: string): string | undefined {
  return [hostId(name), `router:${name}`].find((id) => nodes.has(id));
}

/** Where sshd listens is no news, and would hide that another port listens on loopback only. */
const sshPort = ":22";

/** Ports on which somebody listens, by host. */
export function portsByHost(listeners: readonly LiveListener[]): Map<string, Ports> {
  const byHost = new Map<string, Ports>();
  for (const [host, own] of Map.groupBy(
    listeners.filter(({ socket }) => !socket.endsWith(sshPort)),
    (listener) => listener.host,
  )) {
    const ports = [...new Set(own.map(({ socket }) => socket.slice(socket.lastIndexOf(":") + 1)))];
    byHost.set(host, { ports, binding: bindingOf(own.map(({ socket }) => socket)) });
  }
  return byHost;
}
