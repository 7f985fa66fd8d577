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

/** The default burst of a rate. Source: nft(8), LIMIT STATEMENT. */
const burst = 5;

interface Counted {
  bytes: number;
  bucket?: { tokens: number; at: number };
}

/**
 * What freshly loaded rules have counted for one visitor. Source: the kernel's `nft_limit.c`, `nft_quota.c`, `nft_connlimit.c`: every packet that reaches the
 * condition counts; an unused bucket is full; a connection that was never let in leaves no trace.
 */
export class RuleMemory {
  #now = 0;
  /** By source where each counts on its own, otherwise under the empty name. */
  readonly #counted = new Map<RuleLimit, Map<string, Counted>>();

  /** True if nothing was counted so far: then all packets are treated alike. */
  get isEmpty(): boolean {
    return this.#counted.size === 0;
  }

  /** @param seconds since the visitor's first packet */
  waitUntil(seconds: number): void {
    this.#now = seconds;
  }

  /** Does the condition hold for this SYN? Also counts the SYN. @param source whatever tells its source from others */
  holds(limit: RuleLimit, { family, source }: { family: Family; source: string }): boolean {
    return this.#exceeded(limit, family, limit.bySource ? source : "") === (limit.over === true);
  }

  #exceeded(limit: RuleLimit, family: Family, source: string): boolean {
    switch (limit.of) {
      case "rate":
        return this.#takeToken(this.#countedFor(limit, source), limit.packets / secondsPer[limit.per]);
      case "connections":
        return limit.count < 1;
      case "quota": {
        const counted = this.#countedFor(limit, source);
        counted.bytes += synBytes[family];
        return counted.bytes >= limit.bytes;
      }
    }
  }

  #countedFor(limit: RuleLimit, source: string): Counted {
    const sources = this.#counted.get(limit) ?? new Map<string, Counted>();
    const counted = sources.get(source) ?? { bytes: 0 };
    this.#counted.set(limit, sources.set(source, counted));
    return counted;
  }

  /** Whether the bucket was empty. */
  #takeToken(counted: Counted, perSecond: number): boolean {
    const { tokens, at } = counted.bucket ?? { tokens: perSecond > 0 ? burst : 0, at: this.#now };
    const now = Math.min(burst, tokens + (this.#now - at) * perSecond);
    const had = now >= 1;
    counted.bucket = { tokens: had ? now - 1 : now, at: this.#now };
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
