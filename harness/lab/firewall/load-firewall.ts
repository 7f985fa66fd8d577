/** From the paths in a policy to everything that the real nft or iptables-restore needs. Reads files, runs nothing. */
import type { FirewallFiles } from "./firewall-files.ts";

/**
 * Reads an nft ruleset with all it includes, or one or two iptables-save dumps.
 * The ruleset's folder stands for /etc of the server: `include "/etc/nftables.d/*.nft"` is `nftables.d/*.nft` beside it.
 * @param source path of the ruleset or dump, or the paths of the IPv4 and the IPv6 dump
 * @param displayBase folder that shown paths are relative to
 * @throws UserError `firewall-file` (missing, empty, unreadable, of no known kind) or `firewall-include`
 */
export async function loadFirewall(_source: string | readonly [v4: string, v6: string], _displayBase: string): Promise<FirewallFiles> {
  throw new Error("not yet written");
}
