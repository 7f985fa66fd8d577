/** The one piece of work that all three ways do, and the shape in which each tells how long it took. */
import { readFileSync } from "node:fs";

const text = (name: string) => readFileSync(new URL(`./config/${name}`, import.meta.url), "utf8");

export const server = "server";
export const account = "alice";
export const targetPort = 3389;
/** Each forward gets the next port, so that no way has to wait until the last one's listener is gone. */
export const firstPort = 43_234;
export const firewall = text("nftables.conf");

/** GatewayPorts of the first verdict, and of each further config. */
export const gatewayPorts = "clientspecified";
export const furtherConfigs = ["no", "clientspecified"] as const;
/** Bind address of each further forward, as typed before the port. */
export const furtherForwards = ["", ":"] as const;

/** Of the policies with many forwards, and of those that they are held against. */
export const forwardCounts = { many: 200, few: 20 };

export function sshdConfig(gateway: string): string {
  return text("sshd_config").replace(/^GatewayPorts .*$/m, `GatewayPorts ${gateway}`);
}

export function forward(bind: string, port: number): string {
  return `-N -R ${bind}${port}:localhost:${targetPort}`;
}

/** Do others than the server itself find a listener? */
export function listensForOthers(gateway: string, bind: string): boolean {
  return gateway === "yes" || (gateway === "clientspecified" && bind === ":");
}

/** One run of one way. Milliseconds. */
export interface Measured {
  /** From the start of the process to the nonce that came back from other-lan. */
  first: number;
  /** Another sshd config: restarted, the forward opened anew, probed from six vantages over both families. */
  configs: number[];
  /** Another forward under the same config, probed likewise. */
  forwards: number[];
  /** From asking for the end until the engine knows nothing of it any more. */
  gone?: number;
  /** Of `configs` and `forwards`: time that passed in connection time-outs. */
  timeouts?: { config: number; forward: number };
  memory?: { containers: number; harness: number };
  containers?: number;
  processes?: number;
  /** Named parts of the first verdict, for the profile. */
  steps?: Record<string, number>;
}
