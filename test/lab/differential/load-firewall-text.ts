/** A drawn firewall as a user's files. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FirewallFiles } from "../../../harness/firewall/firewall-files.ts";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import type { FirewallText } from "./firewall-text.ts";

export async function loadFirewallText(text: FirewallText): Promise<FirewallFiles> {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-differential-"));
  try {
    const files = "nft" in text ? { "nftables.conf": text.nft } : { "rules.v4": text.v4, "rules.v6": text.v6 };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await loadFirewall("nft" in text ? "nftables.conf" : ["rules.v4", "rules.v6"], folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
