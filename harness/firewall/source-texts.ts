/** The files of a firewall as text. */
import type { FirewallFiles } from "./firewall-files.ts";
import type { SourceText } from "./nft-tokens.ts";

/** One character per byte where a file is not UTF-8. */
export function sourceTexts({ files }: FirewallFiles): SourceText[] {
  return Object.values(files).flatMap(({ content, display, origins }) =>
    origins ? [] : [{ display, text: typeof content === "string" ? content : Buffer.from(content).toString("latin1") }],
  );
}
