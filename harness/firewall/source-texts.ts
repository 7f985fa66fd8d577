/** The files of a firewall as text. */
import type { FirewallFiles } from "./firewall-files.ts";
import type { SourceText } from "./nft-tokens.ts";

/** What a tool reads. */
export interface RuleText extends SourceText {
  tool: "nft" | "iptables";
}

/** What the tools load, the table in front of the server included. One character per byte where a file is not UTF-8. */
export function sourceTexts({ kind, files, sequence = {}, front }: FirewallFiles): RuleText[] {
  const dumps = new Set(Object.values(sequence).flat());
  const own = Object.entries(files).flatMap(([path, { content, display, settings }]): RuleText[] => {
    if (settings) return [];
    const tool = kind === "iptables" || dumps.has(path) ? "iptables" : "nft";
    return [{ display, text: typeof content === "string" ? content : Buffer.from(content).toString("latin1"), tool }];
  });
  return front ? [...own, { display: front.file.display, text: front.table, tool: "nft" }] : own;
}

/** Options come first in a rule of a dump; no statement of nft begins with one. */
export function isDumpRule(text: string): boolean {
  return text.startsWith("-");
}
