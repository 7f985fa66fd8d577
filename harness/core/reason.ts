/** Why something is as it is: a code with parameters. `report/` puts it into words, in each language; nobody parses a sentence. */
import type { Layer } from "./result.ts";

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
