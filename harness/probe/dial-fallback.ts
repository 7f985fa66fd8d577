/**
 * What becomes of a visitor when the first address of the target's name gives no answer. ssh and sshd dial one address after the other (OpenSSH
 * `channels.c`, `connect_next`); one whose packets are dropped takes them as long as the kernel tries it, more than two minutes. A visitor who waits
 * gets in all the same.
 */
import { isAnswer, type ProbeResult } from "../core/verdict.ts";
import type { Dial } from "./probe.ts";

/**
 * With these settings (tcp(7); for IPv6 as well), the dialling host's kernel gives an address up after 3 s at most. Where the kernel allows it, the agent
 * aborts the dial earlier, as soon as the trace shows that its packets are dropped.
 */
export const soonGivenUp = { "net.ipv4.tcp_syn_retries": 1 } as const;

/** Milliseconds for one address: a SYN and its retransmission, or three requests for a link-layer address. */
const mostPerAddress = 4_000;

/** Another address of the target's name may be dialled when one does not answer. */
export function hasFallback({ addresses = 1 }: Pick<Dial, "addresses">): boolean {
  return addresses > 1;
}

/** How long all addresses take with `soonGivenUp`. */
export function fallbackMs({ addresses = 1 }: Pick<Dial, "addresses">): number {
  return mostPerAddress * (addresses + 1);
}

/**
 * What one probe gives, unless its visitor still waits for the dial of one of several addresses: then what comes of that.
 * @param probe an ordinary probe
 * @param patiently the same, which waits for every address
 */
export async function throughFallback(
  probe: () => Promise<ProbeResult>,
  dial: Pick<Dial, "addresses"> | undefined,
  patiently: () => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const first = await probe();
  if (!dial || !hasFallback(dial) || !first.unanswered) return first;
  const { decision } = first;
  const last = await patiently();
  if (isAnswer(last.verdict)) {
    // A rule that counts may let the next packet of the same dial through: nobody waits for another address.
    return last.dialRepeated ? last : { ...last, slowDial: decision ? { decision } : {} };
  }
  // Not every address was dialled to its end: a drop of one of them proves nothing.
  if (last.unanswered && last.decision?.direction !== "data") return { ...withoutDecision(last), verdict: "inconclusive" };
  return last;
}

function withoutDecision({ decision: _, ...result }: ProbeResult): ProbeResult {
  const note = "an address of the target's name was not answered, and not all of them had been tried when the probe ended";
  return { ...result, evidence: { ...result.evidence, note } };
}
