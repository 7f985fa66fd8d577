/** Why something is as it is: a code with parameters. `report/` puts it into words, in each language; nobody parses a sentence. */

/** The layer that decided what a probe saw. */
export const layers = [
  "bind-address",
  "sshd-policy",
  "key-options",
  "server-firewall",
  "cloud-firewall",
  "router",
  "nat",
  "service",
  "client",
] as const;
export type Layer = (typeof layers)[number];

/** What the words need: names, addresses, settings. */
export type Params = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface Cause {
  /** Stable, kebab-case, e.g. `gateway-ports-ignores-bind`. */
  code: string;
  params: Params;
  /** The firewall rule or config line that decided, e.g. `inet filter input policy drop`, `GatewayPorts no`. */
  rule?: string;
  /** Relative to the policy file. */
  file?: string;
  /** 1-based. */
  line?: number;
}

/** A cause with the layer that decided. */
export interface Reason extends Cause {
  layer: Layer;
}

/** In the lab, what stands in front of a cloud's server is this table of its kernel. */
export const frontTable = "cloud-firewall";

/** The layer of a rule on the server, as results name rules: `inet filter input tcp dport 22 accept`. */
export function layerOfServerRule(rule: string): "server-firewall" | "cloud-firewall" {
  return rule.startsWith(`inet ${frontTable} `) ? "cloud-firewall" : "server-firewall";
}
