/** The two ends of a forward as hosts of the lab: where it listens, and where the service is that it leads to. Pure. */

import { withoutPrefix } from "../core/address.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { dialledNumber } from "../openssh/model/resolve.ts";
import { addressCount, targetHost, unknownTarget } from "../policy/forward-target.ts";
import { nextHops } from "../probe/next-hops.ts";
import type { Dial } from "../probe/probe.ts";
import type { ForwardToOpen } from "./forward-handle.ts";

/** How ssh or sshd reaches the service; undefined for one on a Unix socket. */
export function dialOf(spec: LabSpec, forward: ForwardToOpen): Dial | undefined {
  const { kind, target, targetPath } = forward.ssh.request;
  if (targetPath !== undefined) return undefined;
  const at = listensOnServer(kind) ? forward.from : serverOf(forward);
  return dialTo(spec, at, target ?? { host: "localhost", port: socksServicePort });
}

/** How a host reaches a target. Of one that the lab does not have only the port is known. */
export function dialTo(spec: LabSpec, at: string, target: { host: string; port: number }): Dial {
  const host = targetHost(spec, at, target.host);
  const addresses = host === undefined ? [] : (spec.hosts[host]?.interfaces ?? []).flatMap((wire) => wire.addresses.map(withoutPrefix));
  const neighbours = addresses.flatMap((address) => nextHops(spec, { vantage: at, targetHost: host ?? at, address }));
  const address = dialledNumber(target.host);
  return {
    at,
    port: target.port,
    ...(address === undefined ? {} : { address }),
    addresses: addressCount(spec, target.host),
    neighbours: [...new Set(neighbours)],
  };
}

/** A TCP port or a Unix socket's path of a host; port 0: the server chooses. */
export interface End {
  host: string;
  at: number | string;
}

/** Port of the service that a SOCKS forward is asked for: TCP "echo" of the lab, on the loopback of the host where SOCKS comes out. */
export const socksServicePort = 7;

export function listeningEnd(forward: Pick<ForwardToOpen, "from" | "ssh" | "server">): End {
  const { from, ssh } = forward;
  return { host: listensOnServer(ssh.request.kind) ? serverOf(forward) : from, at: ssh.request.listenPath ?? ssh.listenPort };
}

/** @throws UserError `forward-target` when no host of the lab is meant */
export function targetEnd(spec: LabSpec, forward: ForwardToOpen): End {
  const { name, from, ssh, place } = forward;
  const { target, targetPath } = ssh.request;
  const dialler = listensOnServer(ssh.request.kind) ? from : serverOf(forward);
  const host = targetHost(spec, dialler, target?.host ?? "localhost");
  if (host !== undefined) return { host, at: targetPath ?? target?.port ?? socksServicePort };
  throw unknownTarget(spec, { name, dialler, target: target?.host ?? "", asked: ssh.text, place });
}

export function sameEnd(one: End, other: End): boolean {
  return one.host === other.host && one.at === other.at;
}
