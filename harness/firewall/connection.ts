/** A TCP connection to this machine; what is left out may be anything. Pure. */
import type { Family } from "../core/address.ts";
import type { AddressRange } from "../core/address-range.ts";

export interface Connection {
  /** Ports that its packets may carry while they pass the rules (destination NAT changes them). */
  ports?: readonly number[];
  family?: Family;
  /** Where the packets that come in are from. */
  source?: AddressRange;
  /** Bits that a mark may have. */
  marks?: number;
}

/** Where a rule is met: by the connection's packets on their way in, or by what this machine sends. */
export type Way = "in" | "out";
