/** Dropped SYNs: the client's kernel retransmits them, and a stateful rule may let a later one through. Pure. */
import type { RuleMemory } from "./rule-limit.ts";
import type { Sentence } from "./sentence.ts";

/** Seconds after the first SYN, by Linux's defaults (RFC 6298; tcp(7) `tcp_syn_retries`): retransmissions that every client waits for, and late ones. */
const soon = [1, 3];
const late = [7, 15, 31, 63];

export interface Outcome<One> {
  first: One;
  /** Set if a retransmitted SYN gets through. */
  later?: {
    outcome: One;
    /** Seconds after the first SYN. */
    after: number;
    /** So late that the client may no longer be waiting. */
    late: boolean;
  };
}

/**
 * @param send sends the SYN once more
 * @param isDropped whether nothing answers it
 * @param comesThrough whether it is answered by something other than a refusal
 */
export function throughRetransmission<One>(
  memory: RuleMemory,
  send: () => One,
  { isDropped, comesThrough }: { isDropped: (one: One) => boolean; comesThrough: (one: One) => boolean },
): Outcome<One> {
  const first = send();
  // Without stateful rules, all packets are treated alike.
  if (!isDropped(first) || memory.isEmpty) return { first };
  for (const after of [...soon, ...late]) {
    memory.waitUntil(after);
    const outcome = send();
    if (comesThrough(outcome)) return { first, later: { outcome, after, late: late.includes(after) } };
    if (!isDropped(outcome)) break;
  }
  return { first };
}

/** @param first why the first packet is dropped */
export function sentAgain(first: Sentence, after: number): Sentence {
  return {
    en: `The first packet is stopped, but it gets in when the client's kernel sends it again after ${after} s. ${first.en}`,
    ja: `最初のパケットは止められますが、クライアントのカーネルが ${after} 秒後に再送するパケットは通ります。${first.ja}`,
  };
}

/** @param first why the first packet is dropped */
export function sentLate(first: Sentence, after: number): Sentence {
  return {
    en: `${first.en} When it is sent again after ${after} s, it gets through, if the client is still waiting.`,
    ja: `${first.ja}${after} 秒後に再送されるパケットは、クライアントがそれまで待っていれば通ります。`,
  };
}
