/** Conditions of a rule on what came before: rates, numbers of connections, quotas. */
import type { Family } from "../../core/address.ts";

type Amount =
  /** Packets in a time: nft `limit rate`, iptables `limit` and `hashlimit`. */
  | { of: "rate"; packets: number; per: "second" | "minute" | "hour" | "day" }
  /** Open at the same time: nft `ct count`, iptables `connlimit`. */
  | { of: "connections"; count: number }
  /** Bytes in all, without end: nft and iptables `quota`. */
  | { of: "quota"; bytes: number };

export type RuleLimit = Amount & {
  /** True: the rule is for what goes beyond. Left out: for what stays within. */
  over?: boolean;
  /** True: counted for each source address of its own, in a set. Left out: for all together. */
  bySource?: boolean;
};

/** A SYN of Linux: IP and TCP headers, and 20 bytes of options. */
const synBytes: Record<Family, number> = { 4: 60, 6: 80 };

/** Does the rule's condition hold for the first packet of the first visitor, on rules that have counted nothing yet? */
export function holdsAtFirst(limit: RuleLimit, family: Family): boolean {
  return exceededAtFirst(limit, family) === (limit.over === true);
}

function exceededAtFirst(limit: RuleLimit, family: Family): boolean {
  switch (limit.of) {
    case "rate":
      // A bucket that was never used is full.
      return limit.packets < 1;
    case "connections":
      return limit.count < 1;
    case "quota":
      return limit.bytes < synBytes[family];
  }
}

/** `over 5 per minute of each source`. */
export function describeLimit(limit: RuleLimit): string {
  return [limit.over ? "over" : "within", amount(limit), ...(limit.bySource ? ["of each source"] : [])].join(" ");
}

function amount(limit: Amount): string {
  switch (limit.of) {
    case "rate":
      return `${limit.packets} per ${limit.per}`;
    case "connections":
      return `${limit.count} connections`;
    case "quota":
      return `${limit.bytes} bytes`;
  }
}
