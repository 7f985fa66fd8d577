/** What a forward really listens on, as the kernel says, and when that is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Host, Listener } from "../lab/host.ts";

/** `address:port`, IPv6 in brackets. */
export function formatSocket(listener: { address: string; port: number }): string {
  return listener.address.includes(":") ? `[${listener.address}]:${listener.port}` : `${listener.address}:${listener.port}`;
}

function identity(listener: Listener): string {
  return `${formatSocket(listener)} ${listener.pids.join(",")}`;
}

/** Sockets of ssh or sshd on `port` that were not there before, sorted by address. */
export function newListeners(before: readonly Listener[], after: readonly Listener[], port: number): Listener[] {
  const old = new Set(before.map(identity));
  return after
    .filter((each) => each.port === port && !old.has(identity(each)) && (each.process === "" || each.process.startsWith("ssh")))
    .sort((a, b) => formatSocket(a).localeCompare(formatSocket(b), "en"));
}

/** Milliseconds between two looks, and in all: a server that never heard of the end keeps its listener (see ClientAliveInterval). */
const lookMs = 10;
const waitMs = 5_000;

/** Waits until the sockets are gone; false when they still stand after 5 s. */
export async function waitUntilGone(host: Host, listeners: readonly Listener[]): Promise<boolean> {
  const wanted = new Set(listeners.map(identity));
  const end = Date.now() + waitMs;
  while (wanted.size > 0) {
    if (!(await host.listeners()).some((each) => wanted.has(identity(each)))) return true;
    if (Date.now() > end) return false;
    await sleep(lookMs);
  }
  return true;
}
