/** How sshd dials a forward's target: one address after the other, each past the host's own output rules. */
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import { decideLoopback, decideOutput, describeDecision, type FirewallPolicy } from "./firewall-policy.ts";
import type { ModelRefusal } from "./prediction.ts";
import type { Resolved } from "./resolve.ts";

/**
 * What stops the dial; undefined: it gets out. A reject is an error at once, and the next address is tried; a drop is waited for, longer than visitors wait.
 * Source: OpenSSH `channels.c` `connect_next`, `channel_post_connecting`.
 * @param own the host's addresses: what is dialled there comes in on loopback
 * @param addresses as the name service gives them
 */
export function dialRefusal(
  firewall: FirewallPolicy | undefined,
  { addresses, port, account, own }: { addresses: readonly Resolved[]; port: number; account: string; own: readonly string[] },
): ModelRefusal | undefined {
  let refusal: ModelRefusal | undefined;
  for (const { address, family } of inDialOrder(addresses)) {
    const packet = { family, destination: address, port };
    const out = decideOutput(firewall, { ...packet, account });
    const here = isLoopback(address) || own.includes(address);
    const decision = (out.action === "accept" && here ? decideLoopback(firewall, packet) : undefined) ?? out;
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

function isLoopback(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && loopback.some((network) => contains(network, parsed));
}

const loopback = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseInterface(text) ?? []);

/** IPv6 first (RFC 6724, section 6, rule 6), where the host has both. */
function inDialOrder(addresses: readonly Resolved[]): Resolved[] {
  return [...addresses].sort((one, other) => other.family - one.family);
}
