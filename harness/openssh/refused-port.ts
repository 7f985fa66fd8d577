/** Why ssh takes a port for none. Its own words only say that the whole specification is bad. */
import type { PortRefusal } from "../core/fault.ts";
import { portOf } from "./services.ts";

export interface RefusedPort {
  /** As typed. */
  port: string;
  why: PortRefusal;
}

/** Undefined for a port that ssh takes, and for nothing at all. */
export function refusedPort(port: string, at: "remote-listener" | "local-listener" | "target"): RefusedPort | undefined {
  const value = portOf(port);
  if (value > 0 || port === "") return undefined;
  if (value === 0) return at === "remote-listener" ? undefined : { port, why: at === "target" ? "zero-target" : "zero-listener" };
  return { port, why: /^\d+$/.test(port) ? "too-high" : "no-service" };
}

const because: Readonly<Record<PortRefusal, string>> = {
  "too-high": "is out of range: the highest is 65535",
  "zero-listener": "lets the server choose one, so only -R can ask for it",
  "zero-target": "is none that a connection can go to",
  "no-service": "is neither a number nor the name of a service, which is case-sensitive",
};

/** A sentence to add to ssh's own. */
export function portWords(refused: RefusedPort | undefined): string {
  return refused ? ` (port ${refused.port} ${because[refused.why]})` : "";
}
