import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";

export const fixturesFolder = join(import.meta.dirname, "fixtures");
/** What the real tools read back, beside each fixture's files, one entry a line; written by `record-listings.ts`. */
export const listingFile = "listing.jsonl";
/** The same as text, for comparison with the user's words. */
export const listingTextFile = "listing.txt";

export const fixtureNames = readdirSync(fixturesFolder);

/** A fixture as a user would name it in a policy that stands beside it. */
export function loadFixture(name: string) {
  const folder = join(fixturesFolder, name);
  const has = (file: string) => existsSync(join(folder, file));
  const [v4, v6] = [join(folder, "rules.v4"), join(folder, "rules.v6")];
  if (has("rules.v4") && has("rules.v6")) return loadFirewall([v4, v6], folder);
  if (has("rules.v4")) return loadFirewall([v4], folder);
  return loadFirewall(has("rules.v6") ? v6 : join(folder, "nftables.conf"), folder);
}
