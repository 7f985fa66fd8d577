/** How sshd dials a forward's target: one address after the other, each past the host's own output rules. */
import { decideOutput, describeDecision, type FirewallPolicy } from "./firewall-policy.ts";
import type { ModelRefusal } from "./prediction.ts";
import type { Resolved } from "./resolve.ts";

/**
 * What stops the dial; undefined: it gets out. A reject is an error at once, and the next address is tried; a drop is waited for, longer than visitors wait.
 * Source: OpenSSH `channels.c` `connect_next`, `channel_post_connecting`.
 * @param addresses as the name service gives them
 */
export function dialRefusal(
  firewall: FirewallPolicy | undefined,
  { addresses, port, account }: { addresses: readonly Resolved[]; port: number; account: string },
): ModelRefusal | undefined {
  let refusal: ModelRefusal | undefined;
  for (const { address, family } of inDialOrder(addresses)) {
    const decision = decideOutput(firewall, { family, destination: address, port, account });
    if (decision.action === "accept") return undefined;
    const which = describeDecision(decision);
    refusal = {
      layer: "server-firewall",
      text: {
        en: `The server's firewall stops sshd when it dials ${address} port ${port} as ${account} (${which}).`,
        ja: `sshd が ${account} として ${address} のポート ${port} へ接続しようとすると、サーバーのファイアウォールが止めます(${which})。`,
      },
    };
    if (decision.action === "drop") break;
  }
  return refusal;
}

/** IPv6 first (RFC 6724, section 6, rule 6), where the host has both. */
function inDialOrder(addresses: readonly Resolved[]): Resolved[] {
  return [...addresses].sort((one, other) => other.family - one.family);
}
