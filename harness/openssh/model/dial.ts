/** How sshd dials a forward's target: one address after the other, each past the host's own output rules. */
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import { decideLoopback, decideOutput, describeDecision, type FirewallPolicy } from "./firewall-policy.ts";
import type { ModelRefusal, Step } from "./prediction.ts";
import type { Resolved } from "./resolve.ts";
import type { Sentence } from "./sentence.ts";

export interface DialOutcome {
  /** What stops the last address that is dialled; left out: one of them answers. */
  refusal?: ModelRefusal;
  /** An address before it whose packets are dropped: it is tried until the kernel gives up. */
  waits?: Step;
}

/**
 * Source: OpenSSH `channels.c` `connect_next`, `channel_post_connecting`.
 * @param own the host's addresses: what is dialled there comes in on loopback
 * @param addresses as the name service gives them
 */
export function dialOutcome(
  firewall: FirewallPolicy | undefined,
  { addresses, port, account, own }: { addresses: readonly Resolved[]; port: number; account: string; own: readonly string[] },
): DialOutcome {
  let refusal: ModelRefusal | undefined;
  let waits: Step | undefined;
  for (const { address, family } of inDialOrder(addresses)) {
    const packet = { family, destination: address, port };
    const out = decideOutput(firewall, { ...packet, account });
    const here = isLoopback(address) || own.includes(address);
    const decision = (out.action === "accept" && here ? decideLoopback(firewall, packet) : undefined) ?? out;
    if (decision.action === "accept") return waits ? { waits } : {};
    const which = describeDecision(decision);
    refusal = {
      layer: "server-firewall",
      text: {
        en: `The server's firewall stops sshd when it dials ${address} port ${port} as ${account} (${which}).`,
        ja: `sshd が ${account} として ${address} のポート ${port} へ接続しようとすると、サーバーのファイアウォールが止めます(${which})。`,
      },
    };
    if (decision.action === "drop") waits ??= { layer: "server-firewall", text: waited(refusal.text) };
  }
  return refusal ? { refusal } : {};
}

function waited({ en, ja }: Sentence): Sentence {
  return {
    en: `${en} As nothing answers, sshd tries the next address only after more than two minutes.`,
    ja: `${ja}応答がないため、sshd が次のアドレスを試すのは 2 分以上あとです。`,
  };
}

function isLoopback(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && loopback.some((network) => contains(network, parsed));
}

const loopback = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseInterface(text) ?? []);

/** IPv6 first (RFC 6724, section 6, rule 6), where the host has both. */
function inDialOrder(addresses: readonly Resolved[]): Resolved[] {
  return [...addresses].sort((one, other) => other.family - one.family);
}
