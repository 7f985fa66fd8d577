/** ufw sets kernel settings, too. The lab does not: `server.sysctl` does. */
import { dottedKey } from "../../core/sysctl-key.ts";
import { type Warning, warning } from "../../core/warning.ts";
import type { SourceText } from "../nft-tokens.ts";

/** Settings that do not affect who can connect: redirects, pings, messages, buffers, throughput. */
const harmless = new RegExp(
  [
    "accept_redirects|send_redirects|secure_redirects|shared_media|accept_source_route|bootp_relay|icmp|log_martians|tempaddr|temp_",
    "autoconf|accept_ra|dad_transmits|router_solicitations|max_addresses|mtu|\\.neigh\\.|\\.route\\.|^net\\.(?:core|unix)\\.|(?:tcp|udp)_[rw]?mem",
    "tcp_(?:congestion|available|allowed|fastopen|fin_timeout|sack|dsack|fack|ecn|window_scaling|slow_start|no_metrics|moderate|low_latency)",
    "tcp_(?:tw_|max_|rfc1337|notsent|limit_output|adv_win|reordering|early_retrans|frto|orphan|abort_on_overflow|base_mss|mtu_probing)",
  ].join("|"),
);

/**
 * One warning for the network settings that could matter.
 * @param set keys that the lab sets anyway
 */
export function sysctlWarnings({ display, text }: SourceText, set: readonly string[]): Warning[] {
  const found = new Map<string, { setting: string; line: number }>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // Text after a value, such as a comment, would be part of it, and the kernel rejects that.
    const [, written = "", value = ""] = /^\s*-?([\w/.:@-]+)\s*=\s*([\w.:-]+(?:\s+[\w.:-]+)*)\s*$/.exec(line) ?? [];
    const key = dottedKey(written);
    if (!key.startsWith("net.") || harmless.test(key) || set.includes(key)) continue;
    // The last one wins.
    found.delete(key);
    found.set(key, { setting: `${key}: ${value}`, line: index + 1 });
  }
  const [first] = found.values();
  if (!first) return [];
  const settings = [...found.values()].map(({ setting }) => setting);
  return [warning("ufw-sysctls-not-set", { settings }, { file: display, line: first.line })];
}
