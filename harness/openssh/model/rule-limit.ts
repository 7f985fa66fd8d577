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

const secondsPer = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** Packets that a rate lets through at once: nft's default. Source: nft(8), LIMIT STATEMENT. */
const burst = 5;

/**
 * What rules have counted of one visitor, on rules that had counted nothing before. Source: the kernel's `nft_limit.c`, `nft_quota.c`, `nft_connlimit.c`: each
 * packet counts that comes as far as the condition; a bucket that was never used is full; of a connection that was never let in nothing is left.
 */
export class RuleMemory {
  #now = 0;
  readonly #buckets = new Map<RuleLimit, { tokens: number; at: number }>();
  readonly #bytes = new Map<RuleLimit, number>();

  /** Has it decided nothing so far? Then every packet is treated alike. */
  get isEmpty(): boolean {
    return this.#buckets.size === 0 && this.#bytes.size === 0;
  }

  /** @param seconds since the visitor's first packet */
  waitUntil(seconds: number): void {
    this.#now = seconds;
  }

  /** Does the condition hold for this SYN? It counts. */
  holds(limit: RuleLimit, family: Family): boolean {
    return this.#exceeded(limit, family) === (limit.over === true);
  }

  #exceeded(limit: RuleLimit, family: Family): boolean {
    switch (limit.of) {
      case "rate":
        return this.#takeToken(limit, limit.packets / secondsPer[limit.per]);
      case "connections":
        return limit.count < 1;
      case "quota": {
        const bytes = (this.#bytes.get(limit) ?? 0) + synBytes[family];
        this.#bytes.set(limit, bytes);
        return bytes >= limit.bytes;
      }
    }
  }

  /** False: there was one. */
  #takeToken(limit: RuleLimit, perSecond: number): boolean {
    const { tokens, at } = this.#buckets.get(limit) ?? { tokens: perSecond > 0 ? burst : 0, at: this.#now };
    const now = Math.min(burst, tokens + (this.#now - at) * perSecond);
    const had = now >= 1;
    this.#buckets.set(limit, { tokens: had ? now - 1 : now, at: this.#now });
    return !had;
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
