/** Why something is as it is: a code with parameters. `report/` puts it into words, in each language; nobody parses a sentence. */
import type { Layer } from "./result.ts";

export interface Reason {
  layer: Layer;
  /** Stable, kebab-case, e.g. `gateway-ports-no`. */
  code: string;
  /** What the words need: names, addresses, settings. */
  params: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** The firewall rule or config line that decided, e.g. `inet filter input policy drop`, `GatewayPorts no`. */
  rule?: string;
  /** Relative to the policy file. */
  file?: string;
  /** 1-based. */
  line?: number;
}
