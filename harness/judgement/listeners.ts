/** What a forward asked for and what listens. */
import { parseTarget } from "../core/address.ts";
import { type ForwardOutcome, listensOnServer } from "../core/forward-outcome.ts";
import { withoutZone } from "../core/link-local.ts";
import type { Params } from "../core/reason.ts";

/** The bind address of a listener as asked for: undefined when none was given, "" for a leading colon. Brackets stripped. */
export function bindOf(requested: string): string | undefined {
  const match = /^(.*):\d+$/.exec(requested);
  return match?.[1]?.replace(/^\[(.*)\]$/, "$1");
}

/** The listener was asked for on every address: a leading colon or `*`. */
export function asksForAll(bind: string | undefined): boolean {
  return bind === "" || bind === "*" || bind === "0.0.0.0" || bind === "::";
}

/** The listener was asked for on loopback alone, by name or by saying nothing. */
export function asksForLoopback(bind: string | undefined): boolean {
  return bind === undefined || bind === "localhost" || bind === "127.0.0.1" || bind === "::1";
}

/** Does any of the listeners take a connection to this address? */
export function listensAt(listeners: readonly string[], address: string, port: number): boolean {
  return listeners.some((listener) => covers(listener, address, port));
}

/** There are listeners, and none of them on this port of whatever address. */
export function listensOnlyOnOthers(listeners: readonly string[], port: number): boolean {
  return listeners.length > 0 && listeners.every((listener) => parseTarget(listener)?.port !== port);
}

function covers(listener: string, address: string, port: number): boolean {
  const parsed = parseTarget(listener);
  if (!parsed || parsed.port !== port) return false;
  return (
    withoutZone(parsed.address) === withoutZone(address) ||
    parsed.address === "*" ||
    parsed.address === (address.includes(":") ? "::" : "0.0.0.0")
  );
}

/** For words: which program listens where. */
export function listenerParams(forward: ForwardOutcome): Params {
  return {
    program: listensOnServer(forward.kind) ? (forward.software ?? "sshd") : "ssh",
    listeners: [...forward.listeners],
    host: forward.listensOn,
  };
}
