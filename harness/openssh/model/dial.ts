/** How sshd dials a forward's target: one address after the other, each past the host's own output rules. */
import { isLoopback } from "../../core/address.ts";
import { type Decision, decideLoopback, decideOutput, describeDecision, type FirewallPolicy } from "./firewall-policy.ts";
import type { ModelRefusal, Step } from "./prediction.ts";
import type { Resolved } from "./resolve.ts";
import { sentLate, throughRetransmission } from "./retransmission.ts";
import { RuleMemory } from "./rule-limit.ts";
import type { Sentence } from "./sentence.ts";

export interface DialOutcome {
  /** What stops the last address that is dialled; left out: one of them answers. */
  refusal?: ModelRefusal;
  /** An address before it whose packets are dropped: it is tried until the kernel gives up. */
  waits?: Step;
}

interface Dialler {
  port: number;
  account: string;
  /** The host's own addresses: connections to these come in on loopback. */
  own: readonly string[];
}

/**
 * Source: OpenSSH `channels.c` `connect_next`, `channel_post_connecting`.
 * @param addresses as the name service gives them
 */
export function dialOutcome(
  firewall: FirewallPolicy | undefined,
  { addresses, ...dialler }: Dialler & { addresses: readonly Resolved[] },
): DialOutcome {
  const memory = new RuleMemory();
  const refusals: ModelRefusal[] = [];
  let waits: Step | undefined;
  for (const each of inDialOrder(addresses)) {
    const { first, later } = throughRetransmission(memory, () => decisionOn(firewall, each, dialler, memory), {
      isDropped: ({ action }) => action === "drop",
      comesThrough: ({ action }) => action === "accept",
    });
    if (first.action === "accept" || later?.late === false) return waits ? { waits } : {};
    const refusal = refusalBy(first, each, dialler);
    refusals.push(later ? { ...refusal, unsettled: true, text: sentLate(refusal.text, later.after) } : refusal);
    if (first.action === "drop") waits ??= { layer: "server-firewall", text: waited(refusal.text) };
  }
  const refusal = refusals.find(({ unsettled }) => unsettled) ?? refusals.at(-1);
  return refusal ? { refusal } : {};
}

function decisionOn(
  firewall: FirewallPolicy | undefined,
  { address, family }: Resolved,
  { port, account, own }: Dialler,
  memory: RuleMemory,
): Decision {
  const packet = { family, destination: address, port };
  const here = isLoopback(address) || own.includes(address);
  const out = decideOutput(firewall, { ...packet, account, ...(here ? { source: address } : {}) }, memory);
  return (out.action === "accept" && here ? decideLoopback(firewall, packet, memory) : undefined) ?? out;
}

function refusalBy(decision: Decision, { address }: Resolved, { port, account }: Dialler): ModelRefusal {
  const which = describeDecision(decision);
  return {
    layer: "server-firewall",
    text: {
      en: `The server's firewall stops sshd when it dials ${address} port ${port} as ${account} (${which}).`,
      ja: `sshd が ${account} として ${address} のポート ${port} へ接続しようとすると、サーバーのファイアウォールが止めます(${which})。`,
    },
  };
}

function waited({ en, ja }: Sentence): Sentence {
  return {
    en: `${en} As nothing answers, sshd tries the next address only after more than two minutes.`,
    ja: `${ja}応答がないため、sshd が次のアドレスを試すのは 2 分以上あとです。`,
  };
}

/** IPv6 first (RFC 6724, section 6, rule 6), where the host has both. */
function inDialOrder(addresses: readonly Resolved[]): Resolved[] {
  return [...addresses].sort((one, other) => other.family - one.family);
}
