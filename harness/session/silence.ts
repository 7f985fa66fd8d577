/** Lets the client of a forward go silent, and watches how long the server keeps the listener. */

import { abortable } from "../core/abortable.ts";
import type { SettingSource, Silence } from "../core/forward-outcome.ts";
import { stepOf } from "../core/step.ts";
import { cutLink } from "../lab/cut.ts";
import { defaultKeepAlive, silentClient, type TcpKeepAlive } from "../openssh/silent-client.ts";
import type { ForwardToOpen } from "./forward-handle.ts";
import type { ForwardLab } from "./forward-lab.ts";

/** Seconds that a run waits for a listener to go; what takes longer is calculated. */
const patience = 120;
/** Seconds over the calculated bound, for a machine that is busy. */
const slack = 5;

/**
 * Opens it with an ssh of its own and cuts the client's links, as a line that breaks or a NAT that forgets does. Undefined: it was not granted this time, or
 * the server is no OpenSSH, of whose settings nothing is known.
 * @param within seconds that the policy allows
 * @param sysctl kernel settings that the policy states, by server
 */
export async function observeSilence(
  lab: ForwardLab,
  forward: ForwardToOpen,
  within: number,
  sysctl: (server: string) => Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<Silence | undefined> {
  // Idle connections that forwards share would die with the line.
  await lab.closeConnections();
  await using open = await lab.open(forward);
  const { settings } = open.open;
  if (!open.open.outcome.granted || !settings) return undefined;
  const { by, ...expected } = silentClient(
    settings,
    lab.servers.at(open.listensOn).sshd.version,
    forward.jump ? undefined : keepAliveOf(sysctl(open.listensOn)),
  );
  const silence = { within, ...expected, by: told(by) };
  const { bound } = expected;
  if (within > patience && (bound === null || bound > patience)) return silence;
  const host = lab.lab.host(open.listensOn);
  const inodes =
    open.path === undefined
      ? (await host.listeners()).filter(({ port }) => port === open.port).map(({ inode }) => inode)
      : (await host.unixListeners()).filter(({ path }) => path === open.path).map(({ inode }) => inode);
  // Of what was never seen listening nobody can tell that it is gone.
  if (inodes.length === 0) return undefined;
  await using _cut = await cutLink(lab.lab, forward.from);
  lab.tell({ type: "step", ...stepOf("client-silent", { forward: forward.name, from: forward.from, seconds: limitOf(within, bound) }) });
  const since = performance.now();
  const limit = limitOf(within, bound);
  const gone = await abortable(host.listenersGone(inodes, limit * 1000), signal);
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  return { ...silence, watched: { seconds: gone ? Math.min(seconds, limit) : limit, gone } };
}

/** Seconds: as long as the policy allows, or a little longer than sshd's settings say. */
function limitOf(within: number, bound: number | null): number {
  return within <= patience ? within : (bound ?? within) + slack;
}

function told({ keyword, value, file, line }: SettingSource): SettingSource {
  return { keyword, value, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

function keepAliveOf(sysctl: Readonly<Record<string, string | number>>): TcpKeepAlive {
  const of = (name: string, otherwise: number) => Number(sysctl[`net.ipv4.tcp_keepalive_${name}`] ?? otherwise);
  return {
    time: of("time", defaultKeepAlive.time),
    interval: of("intvl", defaultKeepAlive.interval),
    probes: of("probes", defaultKeepAlive.probes),
  };
}
