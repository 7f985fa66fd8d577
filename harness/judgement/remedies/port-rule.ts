/** Firewall rules that a remedy is about, in no tool's words. */
import type { Family } from "../../core/address.ts";

/** Whoever connects, as a rule names him. */
export interface Peer {
  /** An address or a prefix. */
  address: string;
  family: Family;
  /** The vantage point for which the lab chose the address: the user's files do not name it. */
  chosenFor?: string;
}

/** One rule about a forwarded port. */
export interface PortRule {
  /** Both families: the packet may be of either. */
  peers: readonly Peer[];
  /** Without peers: packets of this family alone. */
  family?: Family;
  /** `request`: from the peers to the port; `reply`: from the port to the peers; `dial`: from the host itself to the port of the peers. */
  direction: "request" | "reply" | "dial";
  /** `dial`: as whom. Left out: whoever it is. */
  account?: string;
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
