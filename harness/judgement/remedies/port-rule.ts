/** Firewall rules that a remedy is about, in no tool's words. */
import type { Family } from "../../core/address.ts";

/** One rule about a forwarded port. */
export interface PortRule {
  /** Each an address or a prefix. Both families: the packet may be of either. */
  peers: readonly { address: string; family: Family }[];
  /** Without peers: packets of this family alone. */
  family?: Family;
  /** `request`: from the peers to the port; `reply`: from the port to the peers. */
  direction: "request" | "reply";
  port: number;
  /** Left out peers: everybody. */
  action: "accept" | "drop";
}

/** The rule that decided, as a result names it: `inet filter input tcp dport 22 accept` and its place. */
export interface DecidingRule {
  rule: string;
  file: string;
  line: number;
}

/** Of the rule as a result names it. */
export function partsOf({ rule }: Pick<DecidingRule, "rule">): { family: string; table: string; chain: string; statement: string } {
  const [family = "", table = "", chain = "", ...words] = rule.split(" ");
  return { family, table, chain, statement: words.join(" ") };
}
